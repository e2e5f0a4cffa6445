import { Worker } from 'node:worker_threads';
import { tooComplex, unavailable } from '#adapters/probe/media-fault.ts';
import { ofThread } from '#adapters/probe/probe-thread.ts';
import { errorOf, errorText } from '#adapters/probe/thread-messages.ts';
import type { MediaSource } from '#ports/media-source.ts';
import type { ExcerptOrder, FromExcerpt, ToExcerpt } from './excerpt-messages.ts';
import type { FilmRequest } from './key-frame-film.ts';

/** What a thread that gathers key frames may use. */
export interface ExcerptBounds {
  readonly heapBytesMax: number;
  readonly timeoutMs: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * A {@link keyFrameFilm}, made in a thread of its own: a damaged file may send the engine into a loop, and a thread can be
 * ended. It has ended when this resolves or rejects.
 *
 * @throws ForgeError as `keyFrameFilm`; `MEDIA_TOO_COMPLEX` (permanent) where it takes too long or too much memory;
 * `PROBE_UNAVAILABLE` (transient) where no thread can be started; the signal's reason.
 */
export async function excerpt(
  source: MediaSource,
  request: FilmRequest,
  { heapBytesMax, timeoutMs }: ExcerptBounds,
  signal: AbortSignal,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const { size, etag } = source;
  const worker = begun({ size, etag, request }, heapBytesMax);
  // Its reads end with it.
  const over = new AbortController();
  const its = AbortSignal.any([signal, over.signal]);
  const late = setTimeout(() => over.abort(tooComplex('its key frames take too long')), timeoutMs);
  try {
    return await converse(worker, source, its);
  } finally {
    clearTimeout(late);
    over.abort();
    await worker.terminate();
  }
}

function begun(workerData: ExcerptOrder, heapBytesMax: number): Worker {
  try {
    return new Worker(new URL('./excerpt-thread.ts', import.meta.url), {
      workerData,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(heapBytesMax / MEBIBYTE) },
    });
  } catch (error) {
    throw unavailable('a thread could not be started', error);
  }
}

function converse(worker: Worker, source: MediaSource, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromExcerpt) => {
      if (message.say === 'film') resolve(message.film);
      else if (message.say === 'failed') reject(errorOf(message.error));
      else {
        void answer(source, message, signal).then((reply) => {
          if (!signal.aborted)
            worker.postMessage(reply, 'bytes' in reply ? [reply.bytes.buffer] : []);
        });
      }
    });
    worker.on('error', (error: unknown) => reject(ofThread(error)));
    worker.on('exit', () => reject(tooComplex('the engine came to an end')));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function answer(
  source: MediaSource,
  { id, start, end }: { readonly id: number; readonly start: number; readonly end: number },
  signal: AbortSignal,
): Promise<ToExcerpt> {
  try {
    // A copy: a view would take all the memory it looks at with it.
    return { id, bytes: new Uint8Array(await source.read(start, end, signal)) };
  } catch (error) {
    return { id, error: errorText(error) };
  }
}
