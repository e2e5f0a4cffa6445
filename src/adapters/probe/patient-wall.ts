import type { MediaSource } from '#ports/media-source.ts';
import { starved, timedOut } from './media-fault.ts';

/** Between two looks, as a part of the wall. No gap counts for more, so that a process that was frozen loses one look. */
const LOOKS = 10;

/** Walls after which a work that got no time is left for a better hour. */
const PATIENCE = 6;

/** What bounds the work on a file. */
export interface WallOptions {
  readonly wallMs: number;
  /** Whether it is the file that the time went into; asked when the wall has been reached, and again until it is. */
  readonly isToBlame: () => Promise<boolean>;
  /** Counts nothing before the first read: whoever has not begun may be waiting for a thread. */
  readonly fromFirstRead?: boolean;
}

/**
 * Bounds the work on a file, from now on, and blames the file for nothing else: time in which this process was frozen does
 * not count, nor time that bytes take to come, which is bounded by those who bring them.
 */
export class PatientWall {
  readonly #options: WallOptions;
  readonly #controller = new AbortController();
  readonly #lookEveryMs: number;
  readonly #timer: NodeJS.Timeout;
  #hasBegun: boolean;
  #awaited = 0;
  #workedMs = 0;
  #lookedAtMs = performance.now();
  #isAsking = false;

  constructor(options: WallOptions) {
    this.#options = options;
    this.#hasBegun = !options.fromFirstRead;
    this.#lookEveryMs = options.wallMs / LOOKS;
    this.#timer = setInterval(() => this.#look(), this.#lookEveryMs);
  }

  /**
   * Aborts when the time is over. The reason is a ForgeError: `PROBE_TIMEOUT` (permanent), or `PROBE_UNAVAILABLE`
   * (transient) where the file is not to blame for several walls.
   */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The same source; its bytes may take their time. */
  around(source: MediaSource): MediaSource {
    return {
      size: source.size,
      etag: source.etag,
      get cost() {
        return source.cost;
      },
      read: (start, end, signal) => this.#awaiting(() => source.read(start, end, signal)),
      stream: (signal) => source.stream(signal),
    };
  }

  /** Stops the clock for good. */
  end(): void {
    clearInterval(this.#timer);
  }

  async #awaiting<T>(bytes: () => Promise<T>): Promise<T> {
    this.#count();
    this.#hasBegun = true;
    this.#awaited += 1;
    try {
      return await bytes();
    } finally {
      this.#count();
      this.#awaited -= 1;
    }
  }

  #count(): void {
    const now = performance.now();
    const sinceMs = now - this.#lookedAtMs;
    if (this.#hasBegun && this.#awaited === 0)
      this.#workedMs += Math.min(sinceMs, this.#lookEveryMs);
    this.#lookedAtMs = now;
  }

  #look(): void {
    this.#count();
    const { wallMs } = this.#options;
    if (this.#workedMs >= wallMs * PATIENCE)
      this.#abort(starved(`not read within ${wallMs * PATIENCE} ms, for want of processor time`));
    else if (this.#workedMs >= wallMs) void this.#judge();
  }

  async #judge(): Promise<void> {
    // One that cannot be asked may not answer either.
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { wallMs, isToBlame } = this.#options;
    if (await isToBlame().catch(() => false)) this.#abort(timedOut(wallMs));
    this.#isAsking = false;
  }

  #abort(reason: unknown): void {
    this.end();
    this.#controller.abort(reason);
  }
}
