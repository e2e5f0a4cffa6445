import type { EpochMs } from '#domain/time.ts';
import type { Clock } from '#ports/clock.ts';

/** When tests begin: 2026-01-02T03:04:05.000Z. */
export const T0: EpochMs = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A clock that stands still until a test moves it. */
export class FixedClock implements Clock {
  #now: EpochMs;

  constructor(now: EpochMs = T0) {
    this.#now = now;
  }

  now(): EpochMs {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
