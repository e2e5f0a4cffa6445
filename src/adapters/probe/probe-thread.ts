import { Worker } from 'node:worker_threads';
import type { ForgeError } from '#domain/errors.ts';
import type { ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { tooComplex, unavailable, unsupported } from './media-fault.ts';
import { PatientWall } from './patient-wall.ts';
import { errorOf, errorText, type FromThread, type ToThread } from './thread-messages.ts';

const MEBIBYTE = 1024 * 1024;

/** Where the engines that read in threads start. */
const STARTS = {
  mediabunny: new URL('./mediabunny-thread.ts', import.meta.url),
  mediainfo: new URL('./mediainfo-thread.ts', import.meta.url),
};

/** What a thread reads with. */
export interface ThreadOptions {
  /** Who reads; mediabunny, where it is not said. */
  readonly engine?: keyof typeof STARTS;
  /** Of the JavaScript heap of one thread, and of the memory of a module in it. */
  readonly heapBytesMax: number;
  /** Of that heap, what new objects may take before it is looked through for garbage; V8's own bound, where it is not said. */
  readonly youngHeapBytesMax?: number;
}

/** Of the wall, the processor time that is the file's doing: on a machine with some to spare, a loop has used twice that. */
const BLAMED_SHARE = 0.5;

/**
 * Starts a thread. Resolves when it could read a file.
 *
 * @throws ForgeError `PROBE_UNAVAILABLE` (transient); the signal's reason. Then nothing is left of it.
 */
export async function startThread(
  options: ThreadOptions,
  signal: AbortSignal,
): Promise<ProbeThread> {
  const worker = begun(options);
  const thread = new ProbeThread(worker);
  const over = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      worker
        .once('message', () => resolve())
        .once('error', (cause) => reject(unstarted(cause)))
        .once('exit', () => reject(unstarted()));
      signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal });
    });
  } catch (error) {
    await thread.end();
    throw error;
  } finally {
    over.abort();
    worker.removeAllListeners('message').unref();
  }
  return thread;
}

function begun({ engine = 'mediabunny', heapBytesMax, youngHeapBytesMax }: ThreadOptions): Worker {
  try {
    return new Worker(STARTS[engine], {
      workerData: { memoryBytesMax: heapBytesMax },
      env: {},
      execArgv: [],
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(heapBytesMax / MEBIBYTE),
        ...(youngHeapBytesMax && {
          maxYoungGenerationSizeMb: Math.ceil(youngHeapBytesMax / MEBIBYTE),
        }),
      },
    });
  } catch (error) {
    throw unstarted(error);
  }
}

/** It has not seen a byte: nothing is left to start it with, descriptors for one. */
function unstarted(cause?: unknown): ForgeError {
  return unavailable('a thread could not be started', cause);
}

/** A thread that reads one file at a time, and may be ended in the middle of it. */
export class ProbeThread {
  readonly #worker: Worker;
  #alive = true;

  /** @param worker One that serves (thread-side.ts). */
  constructor(worker: Worker) {
    this.#worker = worker;
    // An error ends it; one that nobody listened to would end the process.
    for (const event of ['error', 'exit']) {
      worker.on(event, () => {
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

  /**
   * Rejects with the signal's reason, or when the file has had its time, and then the thread has ended.
   *
   * @throws ForgeError as `MediaProbe` says.
   */
  async read(
    source: MediaSource,
    container: string,
    { wallMs, signal }: { readonly wallMs: number; readonly signal: AbortSignal },
  ): Promise<ProbeReport> {
    signal.throwIfAborted();
    if (!this.#alive) throw unavailable('the thread has ended');
    // Whatever it listens to ends with this.
    const over = new AbortController();
    this.#worker.ref();
    const cpuMs = this.#stopwatch();
    const isToBlame = async (): Promise<boolean> => (await cpuMs()) >= wallMs * BLAMED_SHARE;
    const wall = new PatientWall({ wallMs, isToBlame });
    const both = AbortSignal.any([signal, wall.signal]);
    try {
      return await this.#converse(wall.around(source), container, both, over.signal);
    } catch (error) {
      if (!both.aborted) throw error;
      await this.end();
      throw both.reason;
    } finally {
      wall.end();
      over.abort();
      this.#worker.unref();
    }
  }

  /** Processor time from now on. The thread is interrupted to tell it, whatever it does. */
  #stopwatch(): () => Promise<number> {
    const start = this.#worker.cpuUsage();
    start.catch(() => {});
    return async () => {
      const { user, system } = await this.#worker.cpuUsage(await start);
      return (user + system) / 1000;
    };
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
      const reply = async (asked: ReadMessage): Promise<void> => {
        const { message, hands, error } = await answer(source, asked, signal);
        fault = error ?? fault;
        if (!over.aborted) worker.postMessage(message, hands);
      };
      const onMessage = (message: FromThread): void => {
        if (message.say === 'found') resolve(message.report);
        if (message.say === 'failed') reject(failureOf(message, fault));
        if (message.say === 'read') void reply(message);
      };
      const onError = (error: unknown): void => reject(ofThread(error));
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
}

/** The error of a read is this side's own; the other one has a likeness of it. */
function failureOf({ error, ofSource }: FailedMessage, fault: unknown): unknown {
  return ofSource ? fault : errorOf(error);
}

type FailedMessage = Extract<FromThread, { readonly say: 'failed' }>;

type ReadMessage = Extract<FromThread, { readonly say: 'read' }>;

/** What goes over: a message, the memory that changes hands with it, and the error that stays here. */
interface Reply {
  readonly message: ToThread;
  readonly hands: ArrayBuffer[];
  readonly error?: unknown;
}

/** Reads for the thread. */
async function answer(
  source: MediaSource,
  { id, start, end }: ReadMessage,
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

export function ofThread(error: unknown): ForgeError {
  const { code } = error as { readonly code?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return tooComplex('reading it takes too much memory');
  return unsupported('the engine failed', error);
}
