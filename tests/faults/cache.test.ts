// Rows P20 and P21: copies of rows in Redis that are older than the row, because the writer could not replace them, or because a
// reader was slow. They are seen for a moment, and never come back.
import { describe, it, vi } from 'vitest';
import { LIMITS } from '#config/limits.ts';
import type { Ports } from '#main/ports.ts';
import { gatedMedia } from '../support/gated-media.ts';
import { overriding } from '../support/overriding.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { ownRedisUnavailable, suiteName } from '../support/redis.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { type RedisWorld, redisWorld } from './support/redis-world.ts';
import { notSteady } from './support/steady-state.ts';

const copyOf = async ({ redis }: RedisWorld): Promise<string | undefined> =>
  (await redis.admin.keys('sf:asset:*'))[0];

const aCopy = (world: RedisWorld): Promise<string> =>
  vi.waitFor(async () => {
    const name = await copyOf(world);
    if (name === undefined) throw new Error('there is no copy');
    return name;
  }, EVENTUALLY);

describe
  .skipIf(ownRedisUnavailable !== null)
  .concurrent(suiteName('a copy in Redis', ownRedisUnavailable), () => {
    it('P20 that the commit could not replace: is shown for as long as it lives, and no longer', async (test) => {
      const world = await redisWorld(test);
      const { stack, redis } = world;
      const line = await tcpProxy({ host: '127.0.0.1', port: redis.port });
      test.onTestFinished(line.close);
      const gate = gatedMedia();
      const redisUrl = `redis://127.0.0.1:${line.port}`;
      await world.startWorker({ redisUrl, media: gate.through });
      const { id } = await world.upload();
      await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);

      line.breakDown({ kind: 'black hole' });
      const seen: string[] = [];
      const ask = async () => seen.push((await world.get(id)).status);
      await ask();
      gate.open();
      // Filled again and again until then, as by somebody who asks every moment.
      while ((await stack.row(id)).status !== 'COMPLETED') await ask();
      await vi.waitUntil(async () => (await ask()) && seen.at(-1) === 'COMPLETED', EVENTUALLY);
      const left = await redis.admin.pttl(await aCopy(world));
      test.expect(left).toBeLessThanOrEqual(LIMITS.cacheTtlFinishedMs);
      for (let n = 0; n < 5; n += 1) await ask();
      const shown = seen.filter((status, at) => status !== seen[at - 1]);
      test.expect(shown.slice(-2)).toEqual(['PROCESSING', 'COMPLETED']);
      test.expect(line.harmed).toBeGreaterThan(0);
      line.recover();
      test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    });

    it('P20 of what still changes: lives for two seconds at most', async (test) => {
      const world = await redisWorld(test);
      const { id } = await world.stack.init({
        fileName: 'a.jpg',
        contentType: 'image/jpeg',
        size: 1,
      });
      test.expect(await world.get(id)).toEqual({ http: 200, status: 'PENDING' });
      const left = await world.redis.admin.pttl(await aCopy(world));
      test.expect(left).toBeGreaterThan(0);
      test.expect(left).toBeLessThanOrEqual(LIMITS.cacheTtlMs);
    });

    it('P21 that a slow reader puts there after the commit: is refused', async (test) => {
      const slow = Promise.withResolvers<void>();
      let reads = 0;
      const slowly = (ports: Ports): Ports => ({
        ...ports,
        assets: overriding(ports.assets, {
          get: async (key, signal) => {
            const row = await ports.assets.get(key, signal);
            reads += 1;
            await slow.promise;
            return row;
          },
        }),
      });
      const world = await redisWorld(test, slowly);
      const { stack } = world;
      const gate = gatedMedia();
      await world.startWorker({ media: gate.through });
      const { id } = await world.upload();
      await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);
      const reader = world.get(id);
      await vi.waitUntil(() => reads === 1, EVENTUALLY);
      gate.open();
      await stack.until(id, 'COMPLETED');
      await aCopy(world);

      slow.resolve();
      test.expect(await reader).toEqual({ http: 200, status: 'PROCESSING' });
      test.expect(await world.get(id)).toEqual({ http: 200, status: 'COMPLETED' });
      test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    });
  });
