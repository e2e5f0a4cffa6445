import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, vi } from 'vitest';
import { redisClient } from '#adapters/redis/redis-client.ts';
import { RecordedLog } from '../../support/recorded-log.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import { startOwnRedis, startRedis } from '../../support/redis.ts';

/** What production uses, but a shorter way back. */
export const OPTIONS = {
  commandTimeoutMs: 300,
  connectTimeoutMs: 1000,
  reconnectBaseMs: 10,
  reconnectCapMs: 100,
} as const;

/** Any fault shall be an answer long before this; the bound is generous, the machine may be busy. */
const ANSWER_MS = 5000;

/** Waits for a state that a slow machine may take a while to reach. */
export const EVENTUALLY = { timeout: 20_000, interval: 50 } as const;

/** A client that is ready. */
async function readyClient(
  url: string,
  log = new RecordedLog(),
  metrics = new RecordedMetrics(),
): Promise<Redis> {
  const client = redisClient({ ...OPTIONS, url }, log, metrics);
  await vi.waitUntil(() => client.status === 'ready', EVENTUALLY);
  return client;
}

/** A server as two processes see it, for a contract; time passes for real. */
export async function twoClients() {
  const server = await startRedis();
  const [one, two] = [await readyClient(server.url), await readyClient(server.url)];
  return {
    one,
    two,
    // Redis counts whole milliseconds from when the command comes.
    elapse: (ms: number) => sleep(ms + 50),
    close: async () => {
      one.disconnect();
      two.disconnect();
      await server.stop();
    },
  };
}

/** A server that a test may break, and a client of it; both end with the test. */
export async function breakableRedis() {
  const server = await startOwnRedis();
  const log = new RecordedLog();
  const metrics = new RecordedMetrics();
  const client = await readyClient(server.url, log, metrics);
  onTestFinished(async () => {
    client.disconnect();
    await server.stop();
  });
  return {
    server,
    client,
    log,
    metrics,
    freeze: () => process.kill(server.pid, 'SIGSTOP'),
    thaw: () => process.kill(server.pid, 'SIGCONT'),
    /** No new data from now on: what is there fills more than the server may use. */
    fill: () => client.config('SET', 'maxmemory', '1'),
    isReady: () => vi.waitUntil(() => client.status === 'ready', EVENTUALLY),
  };
}

/** Answers what the promise does, and fails where it takes longer than any fault may. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  const started = performance.now();
  const value = await answer;
  expect(performance.now() - started).toBeLessThan(ANSWER_MS);
  return value;
}
