import type { EpochMs } from '#domain/time.ts';

/** The time of day. Only adapters may ask the machine for it, so that tests can set it. */
export interface Clock {
  now(): EpochMs;
}
