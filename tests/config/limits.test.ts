// The relations between bounds: each is safe by itself, and wrong when its neighbour is changed alone.
import { describe, expect, it } from 'vitest';
import { readEnv } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';

/** What most platforms give a process between SIGTERM and SIGKILL. */
const PLATFORM_GRACE_MS = 30_000;

/** SQS's own bounds. Source: SQS quotas. */
const SQS = { waitSecondsMax: 20, visibilitySecondsMax: 43_200, batchMax: 10 };

/** DynamoDB's largest item. Source: DynamoDB quotas. */
const ITEM_BYTES_MAX = 400 * 1024;

const ms = (seconds: number): number => seconds * 1000;

describe('limits', () => {
  it('are positive numbers', () => {
    const wrong = Object.entries(LIMITS).filter(([, limit]) => !(limit > 0 && limit < Infinity));
    expect(wrong).toEqual([]);
  });

  it('let two heartbeats get lost before a lease ends', () => {
    expect(LIMITS.heartbeatMs).toBeLessThan(LIMITS.leaseMs / 3);
  });

  it('keep a message hidden for as long as its asset is leased', () => {
    expect(ms(LIMITS.queueVisibilitySeconds)).toBeGreaterThanOrEqual(LIMITS.leaseMs);
    expect(LIMITS.leaseMs).toBeGreaterThanOrEqual(2 * LIMITS.heartbeatMs);
  });

  it('end a lock no later than a lease', () => {
    expect(LIMITS.lockTtlMs).toBeLessThanOrEqual(LIMITS.leaseMs);
    expect(LIMITS.lockTtlMs).toBeGreaterThan(2 * LIMITS.heartbeatMs);
  });

  it('end a probe long before its job', () => {
    expect(LIMITS.probeTimeoutMs).toBeLessThan(LIMITS.jobDeadlineMs);
  });

  it('drain within the grace of the platform', () => {
    expect(LIMITS.drainMs).toBeLessThan(PLATFORM_GRACE_MS);
  });

  it('end a long poll before the drain does', () => {
    expect(ms(LIMITS.queueWaitSeconds)).toBeLessThan(LIMITS.drainMs);
    expect(ms(LIMITS.queueWaitSecondsEmbedded)).toBeLessThan(LIMITS.drainMs);
  });

  it('ask of SQS what SQS allows', () => {
    expect(LIMITS.queueBatchMessagesMax).toBe(SQS.batchMax);
    expect(LIMITS.queueWaitSeconds).toBeLessThanOrEqual(SQS.waitSecondsMax);
    expect(LIMITS.queueVisibilitySeconds).toBeLessThanOrEqual(SQS.visibilitySecondsMax);
    expect(LIMITS.retryDelayCapSeconds).toBeLessThanOrEqual(SQS.visibilitySecondsMax);
  });

  it('make the row the retry budget, and the queue its backstop', () => {
    const worst = Number(readEnv({ WORKER_ATTEMPTS_MAX: '20' }).WORKER_ATTEMPTS_MAX);
    expect(LIMITS.queueReceivesMax).toBeGreaterThan(10 * LIMITS.attemptsMax);
    expect(LIMITS.queueReceivesMax).toBeGreaterThanOrEqual(5 * worst);
    expect(readEnv({}).WORKER_ATTEMPTS_MAX).toBe(LIMITS.attemptsMax);
  });

  it('connect faster than they wait for an answer, and Redis before both', () => {
    expect(LIMITS.awsConnectTimeoutMs).toBeLessThan(LIMITS.awsRequestTimeoutMs);
    expect(LIMITS.redisCommandTimeoutMs).toBeLessThan(LIMITS.redisLockTimeoutMs);
    // A client is delayed by less than it would notice.
    expect(LIMITS.redisCacheTimeoutMs).toBeLessThan(150);
    expect(LIMITS.redisLockTimeoutMs).toBeLessThan(LIMITS.heartbeatMs);
  });

  it('try a stage again well within a lease, time-outs included', () => {
    const calls = LIMITS.stageCallsMax * (LIMITS.awsConnectTimeoutMs + LIMITS.awsRequestTimeoutMs);
    const waits = (LIMITS.stageCallsMax - 1) * LIMITS.stageBackoffCapMs;
    expect(calls + waits).toBeLessThan(LIMITS.leaseMs);
  });

  it('answer an API request before its own time-out, every call made', () => {
    const calls = LIMITS.awsCallsMaxApi * (LIMITS.awsConnectTimeoutMs + LIMITS.awsRequestTimeoutMs);
    expect(2 * calls).toBeLessThan(LIMITS.apiRequestTimeoutMs);
    expect(LIMITS.readinessTimeoutMs).toBeLessThan(LIMITS.awsRequestTimeoutMs);
  });

  it('back off between a base and a cap', () => {
    for (const [base, cap] of [
      [LIMITS.stageBackoffBaseMs, LIMITS.stageBackoffCapMs],
      [LIMITS.pollBackoffBaseMs, LIMITS.pollBackoffCapMs],
      [LIMITS.redisReconnectBaseMs, LIMITS.redisReconnectCapMs],
      [LIMITS.retryDelayBaseSeconds, LIMITS.retryDelayCapSeconds],
    ] as const) {
      expect(base).toBeLessThan(cap);
    }
  });

  it('fit the longest request, its every character escaped, into a body', () => {
    const escaped = 6;
    const longest = escaped * (LIMITS.fileNameCharsMax + LIMITS.clientMetadataBytesMax);
    const rest = 1024;
    expect(longest + rest).toBeLessThanOrEqual(LIMITS.requestBodyBytesMax);
    expect(LIMITS.clientMetadataBytesMax).toBeLessThan(ITEM_BYTES_MAX / 10);
  });

  it('linger less than anybody would notice, events least', () => {
    expect(LIMITS.publishLingerMs).toBeLessThanOrEqual(50);
    expect(LIMITS.settleLingerMs).toBeLessThanOrEqual(2000);
    expect(LIMITS.publishLingerMs).toBeLessThan(LIMITS.outboxDueMs);
  });

  it('let a prefetched message wait far less than its visibility and its lock last', () => {
    expect(LIMITS.prefetchWaitMsMax).toBeLessThan(ms(LIMITS.queueVisibilitySeconds) / 4 / 10);
    expect(LIMITS.prefetchWaitMsMax).toBeLessThan(LIMITS.lockTtlMs / 10);
    expect(LIMITS.pollHoldMs).toBeLessThan(LIMITS.prefetchWaitMsMax / 10);
    expect(LIMITS.prefetchEveryMs).toBeLessThan(LIMITS.prefetchMemoryMs);
  });

  it('show a finished row longer than one that still changes', () => {
    expect(LIMITS.cacheTtlMs).toBeLessThan(LIMITS.cacheTtlFinishedMs);
  });
});
