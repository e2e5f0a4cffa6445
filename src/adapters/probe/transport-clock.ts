import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { findSoundFrame } from './sound-frame.ts';
import { isPictureEach, steadyTicks } from './transport-pictures.ts';
import { TICKS, type TimedUnit, timedUnit, transportUnits } from './transport-units.ts';

/** Enough for the first frames of every stream: a second at 8 Mbit/s. The second engine looks at the same bytes. */
const HEAD_BYTES = 1024 * 1024;

/** The last frames: of most files the first is enough, of those with a high rate the second. */
const TAILS_BYTES = [256 * 1024, 2 * 1024 * 1024];

const WRAP = 2 ** 33;

/** A time that is so little below 26 hours is one before the first: frames are not stored in the order they are shown. */
const BEFORE_TICKS = 60 * TICKS;

/** When the streams of a transport stream begin and end. */
export interface TransportClock {
  readonly seconds: number;
  /** By the number of the stream; of one whose end is not at the end of the file it is not known. */
  readonly tracks: ReadonlyMap<number, { durationSeconds?: number; frameRate?: number }>;
}

/** One stream: where it begins, and how far its pictures lie apart, where that is known. */
interface Begun {
  readonly start: number;
  readonly frameTicks: number | null;
}

/**
 * How long a transport stream lasts, to the end of its last frame, by the times at its begin and at its end. Null where it
 * cannot be told from those: there are codecs whose frames we cannot count, and pictures that share one time.
 */
export async function readTransportClock(
  source: MediaSource,
  signal: AbortSignal,
): Promise<TransportClock | null> {
  const head = timed(await source.read(0, HEAD_BYTES, signal));
  const base = [...(head?.values() ?? [])][0]?.[0]?.pts;
  if (!head || base === undefined) return null;
  const since = (ticks: number): number => {
    const passed = (ticks - base + WRAP) % WRAP;
    return passed > WRAP - BEFORE_TICKS ? passed - WRAP : passed;
  };
  const begun = new Map<number, Begun>();
  for (const [pid, units] of head) {
    const its = begin(units, since);
    if (!its) return null;
    begun.set(pid, its);
  }
  const tail = await readTail(source, [...begun.keys()], signal);
  if (!tail) return null;
  const ends = new Map<number, number>();
  for (const [pid, units] of tail) {
    const end = endOf(units, begun.get(pid), since);
    if (end === null) return null;
    ends.set(pid, end);
  }
  return clockOf(begun, ends);
}

function clockOf(
  begun: ReadonlyMap<number, Begun>,
  ends: ReadonlyMap<number, number>,
): TransportClock | null {
  const first = Math.min(...[...begun.values()].map(({ start }) => start));
  const seconds = (Math.max(...ends.values()) - first) / TICKS;
  if (!(seconds > 0)) return null;
  const tracks = [...begun].map(([pid, { start, frameTicks }]) => {
    const lasts = ((ends.get(pid) ?? start) - start) / TICKS;
    const facts = {
      ...(lasts > 0 && { durationSeconds: lasts }),
      ...(frameTicks && { frameRate: TICKS / frameTicks }),
    };
    return [pid, facts] as const;
  });
  return { seconds, tracks: new Map(tracks) };
}

/** Sound and pictures of a piece, by stream; null where it cannot be read. */
function timed(bytes: Uint8Array): ReadonlyMap<number, readonly TimedUnit[]> | null {
  const units = transportUnits(bytes);
  if (!units) return null;
  const found = [...units].map(([pid, all]) => {
    const its = all.flatMap((unit) => timedUnit(unit) ?? []).filter(isMedia);
    return [pid, its] as const;
  });
  return new Map(found.filter(([, all]) => all.length > 0));
}

const isPicture = ({ streamId }: TimedUnit): boolean => (streamId & 0xf0) === 0xe0;

/** Private streams are sound as well, subtitles for the most part. */
function isMedia(unit: TimedUnit): boolean {
  const { streamId, payload } = unit;
  if (isPicture(unit) || (streamId & 0xe0) === 0xc0 || streamId === 0xfd) return true;
  const isDts = payload[0] === 0x7f && payload[1] === 0xfe;
  return streamId === 0xbd && (isDts || findSoundFrame(viewOf(payload)) !== null);
}

async function readTail(
  source: MediaSource,
  pids: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly TimedUnit[]> | null> {
  let tail: ReadonlyMap<number, readonly TimedUnit[]> | null = null;
  for (const bytes of TAILS_BYTES) {
    tail = timed(await source.read(source.size - bytes, source.size, signal));
    if (!tail || pids.every((pid) => tail?.has(pid)) || bytes >= source.size) return tail;
  }
  return tail;
}

function begin(units: readonly TimedUnit[], since: (ticks: number) => number): Begun | null {
  const [first] = units;
  if (!first) return null;
  const times = units.map(({ pts }) => since(pts));
  const start = Math.min(...times);
  if (!isPicture(first)) return { start, frameTicks: null };
  if (!isPictureEach(units)) return null;
  // What is shown before the last one is decoded has all been seen.
  const decoded = Math.max(...units.map(({ dts }) => since(dts)));
  const frameTicks = steadyTicks(times.filter((time) => time <= decoded));
  return { start, frameTicks };
}

/** Where the last frame of a stream ends; null where that cannot be told. */
function endOf(
  units: readonly TimedUnit[],
  begun: Begun | undefined,
  since: (ticks: number) => number,
): number | null {
  const last = units.at(-1);
  if (!last) return null;
  if (!isPicture(last)) {
    const lasts = soundTicks(last.payload);
    return lasts === null ? null : since(last.pts) + lasts;
  }
  const sorted = units.map(({ pts }) => since(pts)).toSorted((a, b) => a - b);
  const [end = 0, before] = sorted.toReversed();
  const step = begun?.frameTicks ?? (before === undefined ? null : end - before);
  return step === null ? null : end + step;
}

/** How long the frames last that begin in a unit. */
function soundTicks(payload: Uint8Array): number | null {
  const view = viewOf(payload);
  const found = findSoundFrame(view);
  if (!found) return null;
  let ticks = 0;
  for (let { at } = found, frame = found.parse(view, at); frame; frame = found.parse(view, at)) {
    ticks += (frame.samples / frame.sampleRate) * TICKS;
    at += frame.bytes;
  }
  return ticks;
}
