import type { MediaSource } from '#ports/media-source.ts';

/**
 * Bounds the time that reading a file takes, but for the time its bytes take to come: a store that is slow does not make a
 * file a bad one. The clock starts with the first bytes that are asked for, so that nobody is late for having waited in a
 * line, and stands while any are awaited, which is bounded by those who bring them.
 */
export class PatientWall {
  readonly #controller = new AbortController();
  #leftMs: number;
  #awaited = 0;
  #runningSinceMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(wallMs: number) {
    this.#leftMs = wallMs;
  }

  /** Aborts when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The same source; its bytes may take their time. */
  around(source: MediaSource): MediaSource {
    const awaiting = <T>(bytes: () => Promise<T>): Promise<T> => this.#awaiting(bytes);
    return {
      size: source.size,
      etag: source.etag,
      get cost() {
        return source.cost;
      },
      read: (start, end, signal) => awaiting(() => source.read(start, end, signal)),
      stream: async function* (signal) {
        const chunks = source.stream(signal)[Symbol.asyncIterator]();
        try {
          for (;;) {
            const next = await awaiting(() => chunks.next());
            if (next.done) return;
            yield next.value;
          }
        } finally {
          await chunks.return?.();
        }
      },
    };
  }

  /** Stops the clock for good. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  async #awaiting<T>(bytes: () => Promise<T>): Promise<T> {
    if (this.#awaited === 0) this.#stand();
    this.#awaited += 1;
    try {
      return await bytes();
    } finally {
      this.#awaited -= 1;
      if (this.#awaited === 0) this.#run();
    }
  }

  #stand(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs -= performance.now() - this.#runningSinceMs;
  }

  #run(): void {
    if (this.#hasEnded) return;
    this.#runningSinceMs = performance.now();
    this.#timer = setTimeout(() => this.#controller.abort(), Math.max(0, this.#leftMs));
  }
}
