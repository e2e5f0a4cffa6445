import { describe, expect, it } from 'vitest';
import { SystemClock } from '#adapters/node/system-clock.ts';

describe('SystemClock', () => {
  it("tells the machine's time in milliseconds", () => {
    const before = Date.now();
    const now = new SystemClock().now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });
});
