import { PatientWall } from './patient-wall.ts';
import { type ProbeThread, startThread, type ThreadOptions } from './probe-thread.ts';

/** How many threads there may be, and what each of them may use. */
export interface ThreadPoolOptions extends ThreadOptions {
  /** Files that are read at once; more of them wait. */
  readonly threadsMax: number;
  /** For a thread to start; several times that where the machine is busy. */
  readonly startWallMs?: number;
}

/** A thread starts in a fraction of a second. */
const START_WALL_MS = 10_000;

interface Waiting {
  readonly take: (thread: ProbeThread) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Threads for whoever asks, in order: one that is warm where there is one, else the first that becomes free or ready. They
 * start one after the other, because many at once would start late, all of them, where processors are few.
 */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #idle: ProbeThread[] = [];
  readonly #waiting: Waiting[] = [];
  #busy = 0;
  #isStarting = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /**
   * A thread that is ready, to be given back.
   *
   * @throws ForgeError `PROBE_UNAVAILABLE` (transient) where none can be started; the signal's reason, at once.
   */
  async take(signal: AbortSignal): Promise<ProbeThread> {
    signal.throwIfAborted();
    const idle = this.#idleThread();
    if (!idle) return this.#wait(signal);
    this.#busy += 1;
    return idle;
  }

  give(thread: ProbeThread): void {
    this.#busy -= 1;
    if (thread.alive) this.#handOver(thread);
    else this.#start();
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

  #wait(signal: AbortSignal): Promise<ProbeThread> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason);
      };
      const over = (): void => signal.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        take: (thread) => {
          over();
          resolve(thread);
        },
        fail: (error) => {
          over();
          reject(error);
        },
      };
      this.#waiting.push(waiting);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#start();
    });
  }

  #handOver(thread: ProbeThread): void {
    const next = this.#waiting.shift();
    if (next) {
      this.#busy += 1;
      next.take(thread);
    } else this.#idle.push(thread);
  }

  /** Where somebody waits, and there may be one more. Nobody waits while one is idle. */
  #start(): void {
    const { threadsMax, startWallMs = START_WALL_MS } = this.#options;
    if (this.#isStarting || this.#waiting.length === 0 || this.#busy >= threadsMax) return;
    this.#isStarting = true;
    // A thread that is not ready has not seen a file.
    const wall = new PatientWall({ wallMs: startWallMs, isToBlame: async () => false });
    startThread(this.#options, wall.signal)
      .then(
        (thread) => this.#handOver(thread),
        (error: unknown) => this.#waiting.shift()?.fail(error),
      )
      .finally(() => {
        wall.end();
        this.#isStarting = false;
        this.#start();
      });
  }
}
