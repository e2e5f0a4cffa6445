import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { ProbeThread } from './probe-thread.ts';

/** What the probe is given from outside. */
export interface ThreadOptions {
  /** Files that are read at once; more of them wait. */
  readonly threadsMax: number;
  /** Of the JavaScript heap of one thread. */
  readonly heapBytesMax: number;
}

/**
 * Mediabunny in threads of its own, one file to a thread.
 *
 * Some damaged files send it into a loop that no timer and no signal interrupts, and some make it ask for more memory than
 * there is. A thread can be ended, and its heap is bounded; a file takes nobody with it.
 */
export class ThreadedProbe implements MediaProbe {
  readonly #options: ThreadOptions;
  readonly #idle: ProbeThread[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  async probe(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    await this.#turn(signal);
    let thread: ProbeThread | undefined;
    try {
      thread = this.#idleThread() ?? new ProbeThread(this.#options.heapBytesMax);
      return await thread.read(source, container, signal);
    } finally {
      if (thread?.alive) this.#idle.push(thread);
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Ends the threads that are idle; the others end with the process. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.end()));
  }

  /** One that is idle may have ended since: it would never answer. */
  #idleThread(): ProbeThread | undefined {
    let thread = this.#idle.pop();
    while (thread && !thread.alive) thread = this.#idle.pop();
    return thread;
  }

  /** Waits, in order, until a thread may be used. */
  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#busy >= this.#options.threadsMax) await this.#freed(signal);
    this.#busy += 1;
  }

  #freed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(onFree), 1);
        reject(signal.reason);
      };
      const onFree = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#waiting.push(onFree);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
