import { fourLetters } from './byte-view.ts';
import { corrupt } from './media-fault.ts';

/** A box of an ISO base media file; positions are into the bytes it was read from. */
export interface Box {
  readonly type: string;
  /** Where its content begins, and where the box ends. */
  readonly start: number;
  readonly end: number;
}

/** What the first 16 bytes of a box say; a size of 0 means "to the end of the file". */
export function boxHeader(
  view: DataView,
  at: number,
): { type: string; head: number; size: number } {
  const size = view.getUint32(at);
  const type = fourLetters(view, at + 4);
  if (size !== 1) return { type, head: 8, size };
  if (at + 16 > view.byteLength) throw corrupt(`the '${type}' box is cut off`);
  return { type, head: 16, size: Number(view.getBigUint64(at + 8)) };
}

/** The boxes between two positions. One that claims more room than there is ends where the room ends. */
export function* boxes(view: DataView, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end; ) {
    const { type, head, size } = boxHeader(view, at);
    const next = size === 0 ? end : at + size;
    if (next < at + head) throw corrupt(`the '${type}' box is smaller than its header`);
    yield { type, start: at + head, end: Math.min(next, end) };
    at = next;
  }
}

/** The first box inside another along a path of types. */
export function boxAt(view: DataView, within: Box, ...path: readonly string[]): Box | null {
  const [type, ...rest] = path;
  if (type === undefined) return within;
  for (const box of boxes(view, within.start, within.end)) {
    if (box.type === type) return boxAt(view, box, ...rest);
  }
  return null;
}

/** The number a full box begins with: of 64 bits in version 1, else of 32. Null where it is not there. */
export function versionedNumber(view: DataView, box: Box | null): number | null {
  if (!box || box.end - box.start < 8) return null;
  const wide = view.getUint8(box.start) === 1 && box.end - box.start >= 12;
  return wide ? Number(view.getBigUint64(box.start + 4)) : view.getUint32(box.start + 4);
}

/**
 * A table in a full box: how many entries it says it has, after checking that there is room for them.
 *
 * @param countAt Where the count is, from the start of the content.
 * @param entryBytes Size of one entry; entries follow the count.
 */
export function tableAt(
  view: DataView,
  box: Box | null,
  countAt: number,
  entryBytes: number,
): { count: number; first: number } {
  if (!box) return { count: 0, first: 0 };
  const first = box.start + countAt + 4;
  const count = first <= box.end ? view.getUint32(first - 4) : 0;
  if (first + count * entryBytes > box.end) throw corrupt(`the '${box.type}' table is cut off`);
  return { count, first };
}
