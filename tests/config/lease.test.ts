import { describe, expect, it } from 'vitest';
import { readEnv } from '#config/env.ts';
import { LEASE_SECONDS_MAX, LEASE_SECONDS_MIN, leaseTimes } from '#config/lease.ts';
import { LIMITS } from '#config/limits.ts';

const allowed = Array.from(
  { length: LEASE_SECONDS_MAX - LEASE_SECONDS_MIN + 1 },
  (_, at) => LEASE_SECONDS_MIN + at,
);

describe('leaseTimes', () => {
  it('keeps every time in its order, for every lease that may be set', () => {
    for (const seconds of allowed) {
      const times = leaseTimes(seconds);
      const { leaseMs, lockTtlMs, heartbeatMs, queueVisibilitySeconds, sweepEveryMs } = times;
      expect(leaseMs, `${seconds} s`).toBe(seconds * 1000);
      expect(queueVisibilitySeconds * 1000, `${seconds} s`).toBeGreaterThanOrEqual(leaseMs);
      expect(leaseMs, `${seconds} s`).toBeGreaterThanOrEqual(2 * heartbeatMs);
      expect(heartbeatMs, `${seconds} s`).toBeLessThan(leaseMs / 3);
      expect(lockTtlMs, `${seconds} s`).toBeLessThanOrEqual(leaseMs);
      expect(sweepEveryMs, `${seconds} s`).toBeLessThanOrEqual(leaseMs / 3);
      expect(times.sweepDeferMs, `${seconds} s`).toBeGreaterThan(queueVisibilitySeconds * 1000);
      expect(times.outboxDueMs, `${seconds} s`).toBeGreaterThan(heartbeatMs);
      for (const time of Object.values(times)) expect(Number.isInteger(time)).toBe(true);
    }
  });

  it('leaves SQS its whole seconds, up to the 12 hours that it allows', () => {
    expect(leaseTimes(LEASE_SECONDS_MIN).queueVisibilitySeconds).toBe(4);
    expect(leaseTimes(LEASE_SECONDS_MAX).queueVisibilitySeconds).toBe(800);
  });

  it('gives the times that limits.ts explains, unless told otherwise', () => {
    const times = leaseTimes(readEnv({}).WORKER_LEASE_SECONDS);
    expect(LIMITS).toMatchObject(times);
  });

  it('is bounded where the environment is read', () => {
    expect(readEnv({ WORKER_LEASE_SECONDS: '3' }).WORKER_LEASE_SECONDS).toBe(3);
    expect(() => readEnv({ WORKER_LEASE_SECONDS: '2' })).toThrow('has to be at least 3');
    expect(() => readEnv({ WORKER_LEASE_SECONDS: '601' })).toThrow('has to be at most 600');
  });
});
