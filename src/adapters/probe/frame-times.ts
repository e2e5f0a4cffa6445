import type { FrameRateMode } from '#domain/metadata.ts';

/** When a frame is shown, in ticks of its container, and whether decoding can begin with it. */
export interface FrameTime {
  readonly ticks: number;
  readonly isKey: boolean;
}

/** What the frames of a track are that were looked at. */
export interface SeenFrames {
  /** In the order of the file. */
  readonly frames: readonly FrameTime[];
  readonly secondsPerTick: number;
  /** How far distances that are meant to be the same are apart: where times are rounded, each end of one is. */
  readonly roundedTicks: number;
  /** Whether these are all frames there are. */
  readonly whole: boolean;
  /** Where the last one ends; where that is not told, it lasts as long as the one before it. */
  readonly endTicks?: number;
}

/** What follows from that. Unknown is absent. */
export interface FrameFacts {
  readonly frameRateMode?: FrameRateMode;
  /** Hz, mean over the track. */
  readonly frameRate?: number;
  readonly frameCount?: number;
  readonly keyFrameSeconds?: number;
}

/** A frame may be shown so many places after it is stored: what is behind the last frames may belong between them. */
const REORDERED_MAX = 16;

/** Fewer tell nothing of the others. */
const FRAMES_MIN = 8;

/**
 * What frames tell of their track. A rate that varies among some of them varies; that it is constant, and how many frames there
 * are, only all of them tell.
 */
export function frameFacts(seen: SeenFrames): FrameFacts {
  const sorted = seen.frames.map(({ ticks }) => ticks).sort((one, other) => one - other);
  if (seen.whole) return factsOfAll(sorted, seen);
  const settled = sorted.slice(0, -REORDERED_MAX);
  const varies = settled.length >= FRAMES_MIN && isUneven(settled, seen.roundedTicks);
  return varies ? { frameRateMode: 'variable' } : {};
}

function factsOfAll(
  sorted: readonly number[],
  { frames, secondsPerTick, roundedTicks, endTicks }: SeenFrames,
): FrameFacts {
  const [first, last, before] = [sorted[0], sorted.at(-1), sorted.at(-2)];
  if (first === undefined || last === undefined) return {};
  const frameCount = sorted.length;
  if (before === undefined) return { frameCount };
  const end = endTicks ?? last + (last - before);
  const keys = frames.filter(({ isKey }) => isKey).map(({ ticks }) => ticks);
  const apart = distances([...keys.sort((one, other) => one - other), end]);
  return {
    frameCount,
    ...(end > first && { frameRate: frameCount / ((end - first) * secondsPerTick) }),
    ...(frameCount > 2 && {
      frameRateMode: isUneven(sorted, roundedTicks) ? 'variable' : 'constant',
    }),
    ...(apart.length > 0 && { keyFrameSeconds: largest(apart) * secondsPerTick }),
  };
}

function isUneven(sorted: readonly number[], roundedTicks: number): boolean {
  const between = distances(sorted);
  const shortest = between.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  return largest(between) - shortest > roundedTicks;
}

function distances(sorted: readonly number[]): number[] {
  return sorted.slice(1).map((ticks, n) => ticks - (sorted[n] ?? 0));
}

/** There may be more of them than a call takes arguments. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, each) => Math.max(most, each), 0);
}
