import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '#adapters/node/system-clock.ts';
import { clockContract } from '../../contracts/clock.contract.ts';

clockContract('SystemClock', () => ({
  clock: new SystemClock(),
  elapse: async (ms) => {
    await sleep(ms);
  },
}));

describe('SystemClock', () => {
  it("tells the machine's time", () => {
    const before = Date.now();
    const now = new SystemClock().now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });
});
