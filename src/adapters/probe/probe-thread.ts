import { Worker } from 'node:worker_threads';
import type { ForgeError } from '#domain/errors.ts';
import type { ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { unavailable } from './ffprobe-binary.ts';
import { tooComplex, unsupported } from './media-fault.ts';
import { errorOf, errorText, type FromThread, type ToThread } from './thread-messages.ts';

const MEBIBYTE = 1024 * 1024;

/** A thread that reads one file at a time, and may be ended in the middle of it. */
export class ProbeThread {
  readonly #worker: Worker;
  #alive = true;
  #hasStarted = false;

  constructor(heapBytesMax: number) {
    this.#worker = new Worker(new URL('./mediabunny-thread.ts', import.meta.url), {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(heapBytesMax / MEBIBYTE) },
    });
    this.#worker.unref();
    // An error ends it; one that nobody listened to would end the process.
    for (const event of ['error', 'exit']) {
      this.#worker.on(event, () => {
        this.#alive = false;
      });
    }
  }

  /** Whether it can read another file. */
  get alive(): boolean {
    return this.#alive;
  }

  async end(): Promise<void> {
    this.#alive = false;
    await this.#worker.terminate();
  }

  /** Rejects with the signal's reason, and then the thread has ended. */
  async read(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    signal.throwIfAborted();
    // Whatever it listens to ends with this.
    const over = new AbortController();
    this.#worker.ref();
    try {
      return await this.#converse(source, container, signal, over.signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.end();
      throw signal.reason;
    } finally {
      over.abort();
      this.#worker.unref();
    }
  }

  #converse(
    source: MediaSource,
    container: string,
    signal: AbortSignal,
    over: AbortSignal,
  ): Promise<ProbeReport> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      let fault: unknown;
      const onMessage = (message: FromThread): void => {
        this.#hasStarted = true;
        if (message.say === 'found') resolve(message.report);
        else if (message.say === 'failed')
          reject(message.ofSource ? fault : errorOf(message.error));
        else {
          void answer(source, message, signal).then((reply) => {
            if ('error' in reply) fault = reply.error;
            if (!over.aborted) worker.postMessage(reply.message, reply.hands);
          });
        }
      };
      const onError = (error: unknown): void => reject(this.#faultOf(error));
      const onExit = (): void => reject(tooComplex('the engine came to an end'));
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      over.addEventListener('abort', () => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      });
      signal.addEventListener('abort', () => reject(signal.reason), { signal: over });
      const { size, etag } = source;
      worker.postMessage({ say: 'probe', size, etag, container } satisfies ToThread);
    });
  }

  /** Before it has said a word it has not seen a byte either: nothing is left to start it with, descriptors for one. */
  #faultOf(error: unknown): ForgeError {
    return this.#hasStarted ? ofThread(error) : unavailable('a thread could not be started', error);
  }
}

/** What goes over: a message, the memory that changes hands with it, and the error that stays here. */
interface Reply {
  readonly message: ToThread;
  readonly hands: ArrayBuffer[];
  readonly error?: unknown;
}

/** Reads for the thread. */
async function answer(
  source: MediaSource,
  { id, start, end }: { readonly id: number; readonly start: number; readonly end: number },
  signal: AbortSignal,
): Promise<Reply> {
  try {
    // A copy of their own: a view would take all the memory it looks at with it.
    const bytes = new Uint8Array(await source.read(start, end, signal));
    return { message: { say: 'bytes', id, bytes }, hands: [bytes.buffer] };
  } catch (error) {
    return { message: { say: 'fault', id, error: errorText(error) }, hands: [], error };
  }
}

function ofThread(error: unknown): ForgeError {
  const { code } = error as { readonly code?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return tooComplex('reading it takes too much memory');
  return unsupported('the engine failed', error);
}
