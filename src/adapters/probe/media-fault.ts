import { ForgeError } from '#domain/errors.ts';

/** The bytes contradict themselves, or end too early. */
export function corrupt(detail: string, cause?: unknown): ForgeError {
  return new ForgeError('CORRUPT_MEDIA', 'permanent', detail, { cause });
}

/** The bytes ask for more work than any honest file. */
export function tooComplex(detail: string): ForgeError {
  return new ForgeError('MEDIA_TOO_COMPLEX', 'permanent', detail);
}

/** No engine that was asked reads this. */
export function unsupported(detail: string, cause?: unknown): ForgeError {
  return new ForgeError('UNSUPPORTED_CONTAINER', 'permanent', detail, { cause });
}

/** Reading takes longer than it may. */
export function timedOut(wallMs: number, cause?: unknown): ForgeError {
  return new ForgeError('PROBE_TIMEOUT', 'permanent', `not read within ${wallMs} ms`, { cause });
}

/** The machine is at fault, not the file. */
export function unavailable(detail: string, cause?: unknown): ForgeError {
  return new ForgeError('PROBE_UNAVAILABLE', 'transient', detail, { cause });
}

/** Nobody got to reading it: the machine is busy. */
export function starved(detail: string): ForgeError {
  const cause = Object.assign(new Error('no processor time'), { code: NO_TIME });
  return unavailable(detail, cause);
}

/** Our own, in the manner of Node's. */
const NO_TIME = 'ETIME';

/** What Node says where the machine lacks something for the moment: descriptors, processes, memory, room on the disk. */
const SHORTAGES = [NO_TIME, 'EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'ENOSPC'];

/** Whether the machine is at fault, and only for now: no file may be judged by that. */
export function isShortage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && SHORTAGES.includes(String(error.code));
}

/** Runs a parser: one that steps over the end of its bytes was led there by them. */
export async function parsing<T>(parse: () => Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (error) {
    throw error instanceof RangeError ? corrupt('the file contradicts itself', error) : error;
  }
}
