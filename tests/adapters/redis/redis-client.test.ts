// What the client does about a Redis that fails: fail fast, come back, and say so once.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { redisClient, untilReady } from '#adapters/redis/redis-client.ts';
import { RecordedLog } from '../../support/recorded-log.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import { ownRedisUnavailable, startOwnRedis, suiteName } from '../../support/redis.ts';
import { answered, breakableRedis, EVENTUALLY, OPTIONS } from './redis-support.ts';

describe('redisClient', () => {
  it('rejects commands at once where there is no Redis, says so once, and keeps trying', async () => {
    const [log, metrics] = [new RecordedLog(), new RecordedMetrics()];
    const port = await closedPort();
    const client = redisClient(
      { ...OPTIONS, url: `redis://:secret@127.0.0.1:${port}` },
      log,
      metrics,
    );
    onTestFinished(() => client.disconnect());
    await expect(answered(client.get('a'))).rejects.toThrow("isn't writeable");
    let attempts = 0;
    client.on('reconnecting', () => {
      attempts += 1;
    });
    await vi.waitUntil(() => attempts >= 5, EVENTUALLY);
    expect(metrics.gauges).toEqual({ sf_redis_ready: 0 });
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'Redis is unavailable',
        fields: { host: `127.0.0.1:${port}`, reason: expect.stringContaining('ECONNREFUSED') },
      },
    ]);
  });

  it('is not waited for where there is none, and not for long where one says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const ports = [await closedPort(), (silent.address() as AddressInfo).port];
    for (const port of ports) {
      const url = `redis://127.0.0.1:${port}`;
      const client = redisClient({ ...OPTIONS, url }, new RecordedLog(), new RecordedMetrics());
      await expect(untilReady(client, 100)).resolves.toBeUndefined();
      expect(client.status).not.toBe('ready');
      client.disconnect();
    }
    silent.close();
  });

  it('waits longer each time it comes back, up to the cap, never less than half', () => {
    const client = redisClient(
      { ...OPTIONS, reconnectBaseMs: 100, reconnectCapMs: 2000, url: 'redis://127.0.0.1:1' },
      new RecordedLog(),
      new RecordedMetrics(),
    );
    client.disconnect();
    const { retryStrategy } = client.options;
    const waits = [1, 2, 3, 10, 5000].map((attempt) => Number(retryStrategy?.(attempt)));
    const longest = [100, 200, 400, 2000, 2000];
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeLessThanOrEqual(longest[index] ?? 0);
      expect(wait).toBeGreaterThanOrEqual((longest[index] ?? 0) / 2);
    }
  });
});

describe.skipIf(ownRedisUnavailable !== null)(
  suiteName('redisClient when Redis fails', ownRedisUnavailable),
  { timeout: 30_000 },
  () => {
    it('is waited for until it can be used', async () => {
      const { url, stop } = await startOwnRedis();
      onTestFinished(() => stop());
      const client = redisClient({ ...OPTIONS, url }, new RecordedLog(), new RecordedMetrics());
      onTestFinished(() => client.disconnect());
      await untilReady(client, 10_000);
      expect(client.status).toBe('ready');
      await expect(untilReady(client, 10_000)).resolves.toBeUndefined();
    });

    it('says once that it is ready, that it is not, and that it is again', async () => {
      const { server, client, log, metrics, isReady } = await breakableRedis();
      expect(metrics.gauges).toEqual({ sf_redis_ready: 1 });
      await server.stop();
      let attempts = 0;
      client.on('reconnecting', () => {
        attempts += 1;
      });
      await vi.waitUntil(() => attempts >= 3, EVENTUALLY);
      expect(metrics.gauges).toEqual({ sf_redis_ready: 0 });
      const next = await startOwnRedis(server.port);
      try {
        await isReady();
        await expect
          .poll(() => log.messages)
          .toEqual(['Redis is ready', 'Redis is unavailable', 'Redis is ready']);
        expect(metrics.gauges).toEqual({ sf_redis_ready: 1 });
      } finally {
        await next.stop();
      }
    });

    it('sends no command again that was lost with its connection', async () => {
      const { server, client, freeze, isReady } = await breakableRedis();
      freeze();
      const lost = client.incr('count');
      await expect(answered(lost)).rejects.toThrow();
      await server.stop();
      const next = await startOwnRedis(server.port);
      try {
        await isReady();
        expect(await client.get('count')).toBeNull();
      } finally {
        await next.stop();
      }
    });

    it('leaves a frozen server, and finds it again when it thaws', async () => {
      const { client, log, freeze, thaw, isReady } = await breakableRedis();
      freeze();
      await expect(answered(client.get('a'))).rejects.toThrow('timed out');
      await vi.waitUntil(() => client.status !== 'ready', EVENTUALLY);
      await expect(answered(client.get('a'))).rejects.toThrow();
      thaw();
      await isReady();
      expect(await client.get('a')).toBeNull();
      await expect
        .poll(() => log.messages)
        .toEqual(['Redis is ready', 'Redis is unavailable', 'Redis is ready']);
    });

    it('says why a password is refused, and never the password', async () => {
      const { server, client: admin } = await breakableRedis();
      await admin.config('SET', 'requirepass', 'right');
      const log = new RecordedLog();
      const url = `redis://:hunter2@127.0.0.1:${server.port}`;
      const client = redisClient({ ...OPTIONS, url }, log, new RecordedMetrics());
      onTestFinished(() => client.disconnect());
      await vi.waitUntil(() => log.lines.length > 0, EVENTUALLY);
      expect(log.lines[0]?.fields).toMatchObject({ reason: expect.stringContaining('WRONGPASS') });
      expect(JSON.stringify(log.lines)).not.toContain('hunter2');
    });

    it('says nothing when it is closed on purpose', async () => {
      const { client, log } = await breakableRedis();
      const ended = once(client, 'end');
      client.disconnect();
      await ended;
      expect(log.messages).toEqual(['Redis is ready']);
    });
  },
);

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 1;
}
