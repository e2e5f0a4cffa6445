import { constants, fstatSync, openSync } from 'node:fs';
import pino, { type DestinationStream } from 'pino';

const STDERR = 2;

/** Lines that wait for a reader who is slow; a second of a log that says too much. What comes on top is lost. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** A reader who is there takes what is left in far less; one who is not would keep the process for ever. */
const LAST_LINES_MS = 1000;

/**
 * Standard error, for a log that nobody has to read: a pipe that is full holds up neither the work nor the end of the
 * process. Lines wait, up to a bound; at the end they wait for a second.
 */
export function patientStderr(): DestinationStream {
  const dest = openWithoutBlocking();
  let giveUpAtMs = Number.POSITIVE_INFINITY;
  const destination = pino.destination({
    dest,
    sync: false,
    maxLength: WAITING_BYTES_MAX,
    retryEAGAIN: () => performance.now() < giveUpAtMs,
  });
  if (dest !== STDERR) {
    // Before pino's own last flush, which would try for ever, and ends with an error what it may not try.
    process.prependListener('exit', () => {
      giveUpAtMs = performance.now() + LAST_LINES_MS;
      try {
        destination.flushSync();
      } catch {
        destination.destroy();
      }
    });
  }
  return destination;
}

/**
 * A write to a full pipe holds up a thread, and a process ends no earlier than its threads. The pipe is opened once more,
 * because whoever else has it, our parent for one, expects it to be as it was. Other things than pipes are left alone.
 */
function openWithoutBlocking(): number {
  try {
    if (process.platform !== 'linux' || !fstatSync(STDERR).isFIFO()) return STDERR;
    return openSync('/proc/self/fd/2', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // There is none, it is not ours to open, or nobody reads it any more.
    return STDERR;
  }
}
