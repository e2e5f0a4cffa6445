import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.ts';

/** What the probe is given from outside. */
export interface ThreadedProbeOptions extends ThreadPoolOptions {
  /** The thread's own work on one file. */
  readonly wallMs: number;
}

/**
 * An engine in threads of its own, one file to a thread.
 *
 * Some damaged files send mediabunny into a loop that no timer and no signal interrupts, and some make it ask for more memory
 * than there is. A thread can be ended, and its heap is bounded; a file takes nobody with it. Its time is that of its own work:
 * whoever waits for a thread, for bytes or for a processor is not late.
 */
export class ThreadedProbe implements MediaProbe {
  readonly #threads: ThreadPool;
  readonly #wallMs: number;

  constructor(options: ThreadedProbeOptions) {
    this.#threads = new ThreadPool(options);
    this.#wallMs = options.wallMs;
  }

  async probe(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    const thread = await this.#threads.take(signal);
    try {
      return await thread.read(source, container, { wallMs: this.#wallMs, signal });
    } finally {
      this.#threads.give(thread);
    }
  }

  /** Ends the threads that are idle; the others end with the process. */
  close(): Promise<void> {
    return this.#threads.close();
  }
}
