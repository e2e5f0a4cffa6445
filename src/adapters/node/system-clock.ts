import type { EpochMs } from '#domain/time.ts';
import type { Clock } from '#ports/clock.ts';

/** The machine's time of day. */
export class SystemClock implements Clock {
  now(): EpochMs {
    return Date.now();
  }
}
