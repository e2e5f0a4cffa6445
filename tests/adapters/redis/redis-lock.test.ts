// The contract on a real server, then real faults: a frozen, killed, emptied and full one, and a thief.
import { describe, expect, it, vi } from 'vitest';
import { RedisLock } from '#adapters/redis/redis-lock.ts';
import { held, lockContract } from '../../contracts/lock.contract.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import {
  ownRedisUnavailable,
  redisUnavailable,
  startOwnRedis,
  suiteName,
} from '../../support/redis.ts';
import { answered, breakableRedis, EVENTUALLY, twoClients } from './redis-support.ts';

const LIMITS = { timeoutMs: 600 };
const KEY = 'sf:lock:asset';

const canTake = async (lock: RedisLock) =>
  typeof (await lock.acquire('asset', 60_000)) !== 'string';

async function breakable() {
  const redis = await breakableRedis();
  return { ...redis, lock: new RedisLock(redis.client, LIMITS, redis.metrics) };
}

describe.skipIf(redisUnavailable !== null)(suiteName('on a real Redis', redisUnavailable), () => {
  lockContract('RedisLock', async () => {
    const { one, two, ...opened } = await twoClients();
    return {
      ...opened,
      lock: new RedisLock(one, LIMITS, new RecordedMetrics()),
      other: new RedisLock(two, LIMITS, new RecordedMetrics()),
    };
  });
});

describe.skipIf(ownRedisUnavailable !== null)(
  suiteName('RedisLock when Redis fails', ownRedisUnavailable),
  { timeout: 30_000 },
  () => {
    it('is unavailable while the server is frozen, and comes back with it', async () => {
      const { lock, metrics, freeze, thaw } = await breakable();
      const mine = held(await lock.acquire('mine', 60_000));
      expect(await lock.acquire('mine', 60_000)).toBe('held');
      expect(metrics.counts).toEqual({});
      freeze();
      expect(await answered(lock.acquire('asset', 60_000))).toBe('unavailable');
      expect(metrics.counts).toEqual({ sf_lock_unavailable_total: 1 });
      expect(await answered(mine.extend(60_000))).toBe(false);
      expect(metrics.counts).toEqual({ sf_lock_unavailable_total: 2 });
      await answered(mine.release());
      thaw();
      // What the frozen attempt asked for is undone too: the unlock was sent after it.
      await vi.waitUntil(() => canTake(lock), EVENTUALLY);
      expect(await lock.acquire('asset', 1000)).toBe('held');
    });

    it('answers at once while a frozen server keeps the client from reconnecting', async () => {
      const { lock, client, freeze, thaw, isReady } = await breakable();
      freeze();
      await Promise.all([
        answered(lock.acquire('asset', 1000)),
        vi.waitUntil(() => client.status !== 'ready', EVENTUALLY),
      ]);
      expect(await answered(lock.acquire('asset', 1000))).toBe('unavailable');
      thaw();
      await isReady();
      held(await lock.acquire('asset', 1000));
    });

    it('is unavailable while the server is gone, and works on the one that comes instead', async () => {
      const { lock, server, isReady } = await breakable();
      const lost = held(await lock.acquire('asset', 60_000));
      await server.stop();
      expect(await answered(lock.acquire('asset', 60_000))).toBe('unavailable');
      expect(await answered(lost.extend(60_000))).toBe(false);
      await answered(lost.release());
      const next = await startOwnRedis(server.port);
      try {
        await isReady();
        held(await lock.acquire('asset', 60_000));
      } finally {
        await next.stop();
      }
    });

    it('leaves a stolen lock to the thief', async () => {
      const { lock, client } = await breakable();
      const mine = held(await lock.acquire('asset', 60_000));
      await client.set(KEY, 'thief', 'PX', 60_000);
      expect(await mine.extend(60_000)).toBe(false);
      await mine.release();
      expect(await client.get(KEY)).toBe('thief');
      expect(await lock.acquire('asset', 60_000)).toBe('held');
    });

    it('is lost when the server is emptied, counted once, and free for others', async () => {
      const { lock, client, metrics } = await breakable();
      const mine = held(await lock.acquire('asset', 60_000));
      await client.flushall();
      expect(await mine.extend(60_000)).toBe(false);
      expect(await mine.extend(60_000)).toBe(false);
      expect(metrics.counts).toEqual({ sf_lock_lost_total: 1 });
      const theirs = held(await lock.acquire('asset', 60_000));
      await mine.release();
      expect(await theirs.extend(60_000)).toBe(true);
    });

    it('tells a lock that is held from one the full server has no room for, asked for at once', async () => {
      const { lock, fill, client } = await breakable();
      held(await lock.acquire('held', 60_000));
      await fill();
      const asked = ['held', 'free', 'held'].map((name) => lock.acquire(name, 60_000));
      expect(await Promise.all(asked)).toEqual(['held', 'unavailable', 'held']);
      await client.config('SET', 'maxmemory', '0');
      held(await lock.acquire('free', 60_000));
    });

    it('is not lost where its holder gave it up', async () => {
      const { lock, metrics } = await breakable();
      const mine = held(await lock.acquire('asset', 60_000));
      await mine.release();
      expect(await mine.extend(60_000)).toBe(false);
      expect(metrics.counts).toEqual({});
    });

    it('goes on when the server forgets its scripts', async () => {
      const { lock, client } = await breakable();
      const mine = held(await lock.acquire('asset', 60_000));
      await client.script('FLUSH');
      expect(await mine.extend(60_000)).toBe(true);
      await mine.release();
      held(await lock.acquire('asset', 60_000));
    });

    it('gives back what it got after nobody waited any more', async () => {
      const { client, lock, freeze, thaw } = await breakable();
      const hasty = new RedisLock(client, { timeoutMs: 20 }, new RecordedMetrics());
      freeze();
      expect(await hasty.acquire('asset', 60_000)).toBe('unavailable');
      thaw();
      await vi.waitUntil(() => canTake(lock), EVENTUALLY);
    });

    it('keeps nothing for longer than its time limit', async () => {
      const { client, lock } = await breakable();
      const mine = held(await lock.acquire('asset', 60_000));
      const left = await client.pttl(KEY);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
      await mine.release();
      expect(await client.exists(KEY)).toBe(0);
    });
  },
);
