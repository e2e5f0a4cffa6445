import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { corrupt } from './media-fault.ts';

/** What is looked at lies at the start; the engine reads the rest. */
const HEAD_BYTES = 64 * 1024;

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TITLE = 0x7ba9;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const DEFAULT_DURATION = 0x23e383;
const CLUSTER = 0x1f43b675;
const SEEK_HEAD = 0x114d9b74;
const SEEK = 0x4dbb;
const SEEK_ID = 0x53ab;
const CHAPTERS = 0x1043a770;

interface Extent {
  readonly start: number;
  /** Null where the size is unknown, as in live recordings. */
  readonly end: number | null;
}

interface Element extends Extent {
  readonly id: number;
}

/** What the engine does not say of a Matroska or WebM file. */
export interface MatroskaHead {
  readonly title: string | null;
  /** Nanoseconds a frame lasts, by track number. */
  readonly frameNanoseconds: ReadonlyMap<number, number>;
  /** Whether there are chapters; null where the file has no list of what is in it. */
  readonly hasChapters: boolean | null;
}

/**
 * Reads the start of a Matroska file.
 *
 * @throws ForgeError `CORRUPT_MEDIA` where the segment says it is longer than the file.
 */
export async function readMatroskaHead(
  source: MediaSource,
  signal: AbortSignal,
): Promise<MatroskaHead> {
  const view = viewOf(await source.read(0, HEAD_BYTES, signal));
  const segment = find(view, { start: 0, end: view.byteLength }, SEGMENT);
  if (segment?.end && segment.end > source.size) throw corrupt('the file ends before its segment');
  const inside = { start: segment?.start ?? 0, end: segment ? segment.end : 0 };
  const title = find(view, find(view, inside, INFO), TITLE);
  const frameNanoseconds = new Map<number, number>();
  for (const entry of elements(view, find(view, inside, TRACKS))) {
    if (entry.id !== TRACK_ENTRY) continue;
    const duration = unsigned(view, find(view, entry, DEFAULT_DURATION));
    if (duration > 0)
      frameNanoseconds.set(unsigned(view, find(view, entry, TRACK_NUMBER)), duration);
  }
  const hasChapters = seeks(view, inside, CHAPTERS);
  return { title: title && text(view, title), frameNanoseconds, hasChapters };
}

/** Whether the list of elements names one of an id, or it is there; null where there is neither. */
function seeks(view: DataView, segment: Extent, id: number): boolean | null {
  if (find(view, segment, id)) return true;
  const list = find(view, segment, SEEK_HEAD);
  if (!list) return null;
  const entries = [...elements(view, list)].filter((entry) => entry.id === SEEK);
  return entries.some((entry) => unsigned(view, find(view, entry, SEEK_ID)) === id);
}

/** The first element of an id inside another one, before any cluster. */
function find(view: DataView, within: Extent | null, id: number): Element | null {
  for (const element of elements(view, within)) {
    if (element.id === id) return element;
    if (element.id === CLUSTER) return null;
  }
  return null;
}

/** The elements inside another one, as far as the view goes. */
function* elements(view: DataView, within: Extent | null): Generator<Element> {
  if (!within) return;
  const until = Math.min(within.end ?? view.byteLength, view.byteLength);
  for (let at = within.start; at < until; ) {
    const id = vint(view, at, until, false);
    const size = id && vint(view, at + id.bytes, until, true);
    if (!id || !size) return;
    const start = at + id.bytes + size.bytes;
    const end = size.value === null ? null : start + size.value;
    yield { id: id.value ?? 0, start, end };
    if (end === null) return;
    at = end;
  }
}

/** A number whose first byte says how long it is; all ones means unknown. Ids keep the length marker. */
function vint(
  view: DataView,
  at: number,
  until: number,
  strip: boolean,
): { value: number | null; bytes: number } | null {
  if (at >= until) return null;
  const first = view.getUint8(at);
  const bytes = Math.clz32(first) - 23;
  if (bytes > 8 || at + bytes > until) return null;
  let value = strip ? first & (0xff >> bytes) : first;
  let ones = value === 0xff >> bytes;
  for (let i = 1; i < bytes; i += 1) {
    const byte = view.getUint8(at + i);
    ones &&= byte === 0xff;
    value = value * 256 + byte;
  }
  return { value: strip && ones ? null : value, bytes };
}

const textDecoder = new TextDecoder();

function text(view: DataView, { start, end }: Extent): string {
  const until = Math.min(end ?? start, view.byteLength);
  return textDecoder.decode(new Uint8Array(view.buffer, view.byteOffset + start, until - start));
}

function unsigned(view: DataView, element: Extent | null): number {
  let value = 0;
  const until = Math.min(element?.end ?? 0, view.byteLength, (element?.start ?? 0) + 8);
  for (let at = element?.start ?? until; at < until; at += 1)
    value = value * 256 + view.getUint8(at);
  return value;
}
