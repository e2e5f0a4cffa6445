import type { EpochMs } from '#domain/time.ts';
import type { Clock } from '#ports/clock.ts';
import type { Acquired, HeldLock, Lock } from '#ports/lock.ts';

/** Locks among the workers of one process. */
export class MemoryLock implements Lock {
  readonly #clock: Clock;
  readonly #entriesMax: number;
  readonly #expiries = new Map<string, { expiresAt: EpochMs }>();

  /** @param options.entriesMax Locks held at once; with as many held, any other is unavailable. */
  constructor(clock: Clock, options: { readonly entriesMax: number }) {
    this.#clock = clock;
    this.#entriesMax = options.entriesMax;
  }

  async acquire(name: string, ttlMs: number): Promise<Acquired> {
    if (this.#live(name) !== undefined) return 'held';
    if (this.#expiries.size >= this.#entriesMax) this.#dropExpired();
    if (this.#expiries.size >= this.#entriesMax) return 'unavailable';
    const mine = { expiresAt: this.#clock.now() + ttlMs };
    this.#expiries.set(name, mine);
    return this.#held(name, mine);
  }

  #held(name: string, mine: { expiresAt: EpochMs }): HeldLock {
    return {
      extend: async (ttlMs) => {
        if (this.#live(name) !== mine) return false;
        mine.expiresAt = this.#clock.now() + ttlMs;
        return true;
      },
      release: async () => {
        if (this.#live(name) === mine) this.#expiries.delete(name);
      },
    };
  }

  #live(name: string): { expiresAt: EpochMs } | undefined {
    const held = this.#expiries.get(name);
    if (held !== undefined && held.expiresAt <= this.#clock.now()) {
      this.#expiries.delete(name);
      return undefined;
    }
    return held;
  }

  #dropExpired(): void {
    for (const name of this.#expiries.keys()) this.#live(name);
  }
}
