// The contract on a real server, then real faults, and values that are not ours.
import { describe, expect, it } from 'vitest';
import { RedisStatusCache } from '#adapters/redis/redis-status-cache.ts';
import { assetName } from '#domain/keys.ts';
import { statusCacheContract } from '../../contracts/status-cache.contract.ts';
import { anAsset } from '../../support/an-asset.ts';
import { RecordedLog } from '../../support/recorded-log.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import { ownRedisUnavailable, redisUnavailable, suiteName } from '../../support/redis.ts';
import { answered, breakableRedis, twoClients } from './redis-support.ts';

const LIMITS = { timeoutMs: 300 };

const asset = anAsset({ rev: 3 });
const KEY = `sf:asset:${assetName(asset)}`;

async function breakable() {
  const redis = await breakableRedis();
  const log = new RecordedLog();
  return { ...redis, log, cache: new RedisStatusCache(redis.client, LIMITS, log, redis.metrics) };
}

describe.skipIf(redisUnavailable !== null)(suiteName('on a real Redis', redisUnavailable), () => {
  statusCacheContract('RedisStatusCache', async () => {
    const { one, two, ...opened } = await twoClients();
    return {
      ...opened,
      cache: new RedisStatusCache(one, LIMITS, new RecordedLog(), new RecordedMetrics()),
      other: new RedisStatusCache(two, LIMITS, new RecordedLog(), new RecordedMetrics()),
    };
  });
});

describe.skipIf(ownRedisUnavailable !== null)(
  suiteName('RedisStatusCache when Redis fails', ownRedisUnavailable),
  { timeout: 30_000 },
  () => {
    it('answers like an empty one while the server is frozen, and comes back with it', async () => {
      const { cache, freeze, thaw, isReady } = await breakable();
      await cache.put(asset, 60_000);
      freeze();
      expect(await answered(cache.get(asset))).toBeNull();
      await answered(cache.put(asset, 60_000));
      thaw();
      await isReady();
      await expect.poll(() => cache.get(asset), { timeout: 20_000 }).toEqual(asset);
    });

    it('keeps nobody waiting longer than its own bound, whatever a command may take', async () => {
      const { client, log, metrics, freeze } = await breakable();
      const hasty = new RedisStatusCache(client, { timeoutMs: 20 }, log, metrics);
      freeze();
      expect(await hasty.get(asset)).toBeNull();
      await hasty.put(asset, 60_000);
      const reasons = log.lines.map(({ fields }) => fields['reason']);
      expect(reasons).toEqual(Array(2).fill('Error: no answer in 20 ms'));
      expect(metrics.counts).toEqual({ sf_cache_unavailable_total: 2 });
    });

    it('answers like an empty one once the server is gone', async () => {
      const { cache, server, log, metrics } = await breakable();
      await cache.put(asset, 60_000);
      expect(await cache.get({ ...asset, assetId: 'other' })).toBeNull();
      expect(metrics.counts).toEqual({});
      await server.stop();
      expect(await answered(cache.get(asset))).toBeNull();
      await answered(cache.put(asset, 60_000));
      expect(log.messages).toEqual([
        'Status cache could not be read',
        'Status cache could not be written',
      ]);
      expect(metrics.counts).toEqual({ sf_cache_unavailable_total: 2 });
    });

    it('is empty after the server was emptied', async () => {
      const { cache, client } = await breakable();
      await cache.put(asset, 60_000);
      await client.flushall();
      expect(await cache.get(asset)).toBeNull();
    });

    it('puts nothing into a full server, and still reads from it', async () => {
      const { cache, fill, log } = await breakable();
      await cache.put(asset, 60_000);
      await fill();
      await cache.put({ ...asset, rev: 4 }, 60_000);
      expect(await cache.get(asset)).toEqual(asset);
      expect(log.lines).toEqual([
        {
          level: 'debug',
          message: 'Status cache could not be written',
          fields: { reason: expect.stringContaining('OOM') },
        },
      ]);
    });

    it.each([
      ['no JSON', '3:{"tenant"'],
      ['empty', ''],
      ['null', '3:null'],
      ['a number', '7'],
      ['a list', '3:[]'],
      ['an object that is no row', '3:{"tenant":"acme"}'],
      ['a row of another asset', `3:${JSON.stringify({ ...asset, assetId: 'other' })}`],
      ['a row of an unknown status', `3:${JSON.stringify({ ...asset, status: 'LOST' })}`],
      ['a row without a rev', `3:${JSON.stringify({ ...asset, rev: null })}`],
    ])('reads a value that is %s as none, and replaces it', async (_, value) => {
      const { cache, client, metrics } = await breakable();
      await client.set(KEY, value);
      expect(await cache.get(asset)).toBeNull();
      expect(metrics.counts).toEqual({});
      await cache.put({ ...asset, rev: 8 }, 60_000);
      expect(await cache.get(asset)).toMatchObject({ rev: 8 });
    });

    it('reads a value of another type as none, and replaces it', async () => {
      const { cache, client } = await breakable();
      await client.lpush(KEY, 'a list');
      expect(await cache.get(asset)).toBeNull();
      await cache.put(asset, 60_000);
      expect(await cache.get(asset)).toEqual(asset);
    });

    it('puts nothing without a time limit', async () => {
      const { cache, client } = await breakable();
      await cache.put(asset, 60_000);
      const left = await client.pttl(KEY);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
    });
  },
);
