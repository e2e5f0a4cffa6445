import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { type Box, boxes, boxHeader } from './iso-box.ts';
import type { FragmentDefaults, IsoIndex } from './iso-index.ts';
import { readMoof, type Span } from './iso-moof.ts';
import { corrupt, tooComplex } from './media-fault.ts';

/** Fragments are walked from the start while this lasts; then the last one is looked for from the end. */
const WALK_REQUESTS_MAX = 4;

/** The last fragment of most files begins within this. */
const TAIL_BYTES = 1024 * 1024;

const MOOF_BYTES_MAX = 4 * 1024 * 1024;

type Fragments = NonNullable<IsoIndex['fragments']>;

/** What the fragments say, by track. */
export interface FragmentFacts {
  readonly spans: ReadonlyMap<number, Span>;
  /** Whether every fragment was read: only then are counts and sums those of the track. */
  readonly whole: boolean;
  /** Whether the last one was: only then does the end hold. */
  readonly toTheEnd: boolean;
}

/**
 * Reads fragments: all of them where a few requests do, else the first ones and the last.
 *
 * @throws ForgeError `CORRUPT_MEDIA` where a fragment or its media is cut off.
 */
export async function readFragments(
  source: MediaSource,
  fragments: Fragments,
  signal: AbortSignal,
): Promise<FragmentFacts> {
  const spans = new Map<number, Span>();
  const whole = await walk(source, fragments, spans, signal);
  const toTheEnd = whole || (await readLast(source, fragments.defaults, spans, signal));
  return { spans, whole, toTheEnd };
}

/** Whether the walk came to the end of the file. */
async function walk(
  source: MediaSource,
  { start, defaults }: Fragments,
  spans: Map<number, Span>,
  signal: AbortSignal,
): Promise<boolean> {
  const until = source.cost.requests + WALK_REQUESTS_MAX;
  for (let at = start; at + 8 <= source.size; ) {
    if (source.cost.requests >= until) return false;
    const { type, head, size } = boxHeader(viewOf(await source.read(at, at + 16, signal)), 0);
    const end = size === 0 ? source.size : at + size;
    if (end < at + head || end > source.size) throw corrupt(`a '${type}' box is cut off`);
    if (type === 'moof') readMoof(await moof(source, at + head, end, signal), defaults, spans);
    at = end;
  }
  return true;
}

/** Looks for the last fragment in the tail: where `mfra` says it is, or by its name. */
async function readLast(
  source: MediaSource,
  defaults: ReadonlyMap<number, FragmentDefaults>,
  spans: Map<number, Span>,
  signal: AbortSignal,
): Promise<boolean> {
  const from = Math.max(0, source.size - TAIL_BYTES);
  const tail = viewOf(await source.read(from, source.size, signal));
  const at = lastByMfra(tail) ?? lastByName(tail, from);
  if (at === null || at + 16 > source.size) return false;
  const { type, head, size } = boxHeader(viewOf(await source.read(at, at + 16, signal)), 0);
  if (type !== 'moof' || size < head) return false;
  const media = viewOf(await source.read(at + size, at + size + 16, signal));
  if (media.byteLength < 8 || at + size + boxHeader(media, 0).size > source.size) {
    throw corrupt('the last fragment is cut off');
  }
  readMoof(await moof(source, at + head, at + size, signal), defaults, spans);
  return true;
}

async function moof(
  source: MediaSource,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<DataView> {
  if (end - start > MOOF_BYTES_MAX) throw tooComplex(`a fragment header of ${end - start} bytes`);
  return viewOf(await source.read(start, end, signal));
}

/** The highest offset in the random access table at the end, where there is one. */
function lastByMfra(tail: DataView): number | null {
  const at = tail.byteLength - tail.getUint32(tail.byteLength - 4);
  if (at < 0 || at + 8 > tail.byteLength || boxHeader(tail, at).type !== 'mfra') return null;
  const tables = [...boxes(tail, at + 8, tail.byteLength)].filter(({ type }) => type === 'tfra');
  const last = Math.max(...tables.map((tfra) => lastEntry(tail, tfra)));
  return last > 0 ? last : null;
}

/** Where the last fragment of a track is, or 0. Entries end in three numbers of one to four bytes each. */
function lastEntry(tail: DataView, tfra: Box): number {
  if (tfra.end - tfra.start < 16) return 0;
  const wide = tail.getUint8(tfra.start) === 1;
  const widths = tail.getUint32(tfra.start + 8);
  const numbers = ((widths >> 4) & 3) + ((widths >> 2) & 3) + (widths & 3) + 3;
  const entryBytes = (wide ? 16 : 8) + numbers;
  const entry = tfra.start + 16 + (tail.getUint32(tfra.start + 12) - 1) * entryBytes;
  if (entry < tfra.start + 16 || entry + entryBytes > tfra.end) return 0;
  return wide ? Number(tail.getBigUint64(entry + 8)) : tail.getUint32(entry + 4);
}

const MOOF = 0x6d6f6f66;
const MFHD = 0x6d666864;

/** A `moof` begins with its `mfhd`: both names, 8 bytes apart, are hardly chance. */
function lastByName(tail: DataView, from: number): number | null {
  for (let at = tail.byteLength - 24; at >= 0; at -= 1) {
    if (tail.getUint32(at + 4) === MOOF && tail.getUint32(at + 12) === MFHD) return from + at;
  }
  return null;
}
