import { ForgeError } from '#domain/errors.ts';
import type { WeightedLine } from './weighted-line.ts';

/** Of its time, the processor time of this process with which an image has had what it needed. */
const OWN_SHARE = 0.5;

/** Walls after which nobody waits any longer, whatever libvips says. */
const PATIENCE = 6;

/** What libvips says when its own time limit is over. */
const LATE = /^timeout:/;

/** What bounds the work on one image. */
export interface ImageWall {
  /** Where it stands until the memory that others use is free; that time does not count. */
  readonly line: WeightedLine;
  readonly weight: number;
  readonly secondsMax: number;
  readonly signal: AbortSignal;
  /** Says what is wrong with the image, by what libvips failed with. */
  readonly refuse: (error: unknown) => never;
}

/**
 * Bounds the work of libvips on one image. Its own limit counts from where a thread takes the image up, and ends the work;
 * but only where a decoder says how far it is. One that says nothing is left alone after several times that: its thread goes
 * on to its end, and holds no slot.
 *
 * @param work Is given what sharp's `timeout` takes.
 * @throws ForgeError `PROBE_TIMEOUT` (permanent) where the image took its time, `PROBE_UNAVAILABLE` (transient) where it may
 * have waited for a processor; the signal's reason; what `refuse` throws.
 */
export function withinWall<T>(
  wall: ImageWall,
  work: (limit: { readonly seconds: number }) => Promise<T>,
): Promise<T> {
  return wall.line.run(wall.weight, wall.signal, () => inTime(wall, work));
}

async function inTime<T>(
  { secondsMax, signal, refuse }: ImageWall,
  work: (limit: { readonly seconds: number }) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const before = process.cpuUsage();
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const late = setTimeout(
    () => over.abort(starved(secondsMax * PATIENCE)),
    secondsMax * PATIENCE * 1000,
  );
  try {
    return await Promise.race([work({ seconds: secondsMax }), rejection(both)]);
  } catch (error) {
    if (both.aborted) throw both.reason;
    if (!(error instanceof Error && LATE.test(error.message))) return refuse(error);
    const { user, system } = process.cpuUsage(before);
    const isToBlame = (user + system) / 1_000_000 >= secondsMax * OWN_SHARE;
    throw isToBlame ? timedOut(secondsMax, error) : starved(secondsMax, error);
  } finally {
    clearTimeout(late);
    over.abort();
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function timedOut(seconds: number, cause: unknown): ForgeError {
  const detail = `the image was not read within ${seconds} s`;
  return new ForgeError('PROBE_TIMEOUT', 'permanent', detail, { cause });
}

function starved(seconds: number, cause?: unknown): ForgeError {
  const detail = `the image was not read within ${seconds} s, maybe for want of processor time`;
  return new ForgeError('PROBE_UNAVAILABLE', 'transient', detail, { cause });
}
