import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '#ports/clock.ts';

export interface OpenedClock {
  readonly clock: Clock;
  /** Lets time pass: for real, or on the clock. */
  elapse(ms: number): Promise<void>;
}

/** Proves the prose of the `Clock` port on whatever `open` opens. */
export function clockContract(name: string, open: () => OpenedClock): void {
  describe(`${name} keeps the Clock contract`, () => {
    let opened: OpenedClock;
    beforeEach(() => {
      opened = open();
    });

    it('tells a time of our days, in whole milliseconds', () => {
      const now = opened.clock.now();
      expect(Number.isInteger(now)).toBe(true);
      const year = new Date(now).getUTCFullYear();
      expect(year).toBeGreaterThanOrEqual(2025);
      expect(year).toBeLessThan(2200);
    });

    it('goes on with time, and not back', async () => {
      const before = opened.clock.now();
      await opened.elapse(30);
      const after = opened.clock.now();
      // Timers may come a millisecond early.
      expect(after - before).toBeGreaterThanOrEqual(29);
      expect(after - before).toBeLessThan(10_000);
      expect(opened.clock.now()).toBeGreaterThanOrEqual(after);
    });
  });
}
