// Rows L1 to L6, L10 and L12: a Redis that is down, frozen, emptied, robbed, full, or evicts what it is to keep, under two
// workers that are at work, with more to come. Redis saves work and protects nothing: every job is done, once, while it lasts.
import { describe, it, vi } from 'vitest';
import type { Ports } from '#main/ports.ts';
import { aCommand } from '../support/a-message.ts';
import { gatedMedia } from '../support/gated-media.ts';
import { overriding } from '../support/overriding.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { ownRedisUnavailable, suiteName } from '../support/redis.ts';
import { TENANT } from '../support/stack.ts';
import { type RedisWorld, redisWorld } from './support/redis-world.ts';
import { notSteady } from './support/steady-state.ts';

/** Locks are extended every 1.3 s, and nobody loses a lease because the machine is busy. */
const LEASE_SECONDS = 5;

const CONCURRENCY = 3;
const IN_HAND = 4;
const LATER = 4;

/** What happens to Redis, and how it shows. */
interface State {
  readonly name: string;
  harm(world: RedisWorld): Promise<void>;
  /** Whether some figure says that Redis is not what it should be. */
  degraded(world: RedisWorld): boolean;
  heal?(world: RedisWorld): Promise<void>;
}

const isDown = ({ metrics, count }: RedisWorld) =>
  // Who asks nothing of a frozen one does not know.
  metrics.some(({ gauges }) => gauges['sf_redis_ready'] === 0) &&
  count('sf_lock_unavailable_total') > 0 &&
  count('sf_cache_unavailable_total') > 0;
const hasLostLocks = ({ count }: RedisWorld) => count('sf_lock_lost_total') > 0;

/** Leaves room for a few things more, and then sees to it that what is there has to go. */
async function evict({ redis: { admin, locks } }: RedisWorld): Promise<void> {
  const held = await locks();
  const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
  await admin.config('SET', 'maxmemory-policy', 'allkeys-random');
  await admin.config('SET', 'maxmemory', String(used + 256 * 1024));
  for (let n = 0; (await admin.exists(...held)) === held.length; n += 1) {
    await admin.set(`filler:${n}`, 'x'.repeat(8192));
  }
}

const STATES: readonly State[] = [
  {
    name: 'L1 L3 L10 is killed, and stays away from acquire to release',
    harm: ({ redis }) => redis.kill(),
    degraded: isDown,
    heal: ({ redis }) => redis.replace(),
  },
  {
    name: 'L2 is frozen',
    harm: async ({ redis }) => redis.signal('SIGSTOP'),
    degraded: isDown,
    heal: async ({ redis }) => redis.signal('SIGCONT'),
  },
  {
    name: 'L4 is flushed, as by a failover to an empty replica',
    harm: async ({ redis }) => void (await redis.admin.flushall()),
    degraded: hasLostLocks,
  },
  {
    name: 'L6 is restarted without persistence',
    harm: ({ redis }) => redis.replace(),
    degraded: hasLostLocks,
  },
  { name: 'L12 evicts locks', harm: evict, degraded: hasLostLocks },
  {
    name: 'L12 is full, and evicts nothing',
    harm: async ({ redis }) => void (await redis.admin.config('SET', 'maxmemory', '1')),
    degraded: ({ count }) =>
      count('sf_lock_unavailable_total') > 0 && count('sf_cache_unavailable_total') > 0,
    heal: async ({ redis }) => void (await redis.admin.config('SET', 'maxmemory', '0')),
  },
];

/** The shortest waits there are. */
const impatient = (ports: Ports): Ports => ({
  ...ports,
  ids: overriding(ports.ids, { random: () => 0 }),
});

/** Two workers with jobs in their hands that wait at a gate, their locks held. */
async function twoBusyWorkers(world: RedisWorld) {
  const gate = gatedMedia();
  const options = {
    leaseSeconds: LEASE_SECONDS,
    concurrency: CONCURRENCY,
    media: gate.through,
    ports: impatient,
  };
  await Promise.all([world.startWorker(options), world.startWorker(options)]);
  const uploads = async (count: number): Promise<readonly string[]> => {
    const ids: string[] = [];
    while (ids.length < count) ids.push((await world.upload()).id);
    return ids;
  };
  const inHand = await uploads(IN_HAND);
  await vi.waitUntil(() => gate.begun.length === IN_HAND, EVENTUALLY);
  await vi.waitUntil(async () => (await world.redis.locks()).length > 0, EVENTUALLY);
  return { gate, inHand, uploads };
}

/** Asks for what is being done already. */
const askAgain = ({ stack }: RedisWorld, ids: readonly string[]) =>
  Promise.all(ids.map((assetId) => stack.send(aCommand({ tenant: TENANT, assetId }))));

const completed = (ids: readonly string[]) =>
  ids.map((id) => ({ id, status: 'COMPLETED' as const }));

describe
  .skipIf(ownRedisUnavailable !== null)
  .concurrent(suiteName('Redis under two workers at work', ownRedisUnavailable), () => {
    it.for(STATES.map((state) => [state.name, state] as const))(
      '%s: every job is done once, reads answer, and a figure says so',
      async ([, state], test) => {
        const world = await redisWorld(test);
        const { stack, redis } = world;
        const { gate, inHand, uploads } = await twoBusyWorkers(world);
        await state.harm(world);
        await askAgain(world, inHand);
        const all = [...inHand, ...(await uploads(LATER))];
        for (const id of inHand) {
          test.expect(await world.get(id)).toEqual({ http: 200, status: 'PROCESSING' });
        }
        await vi.waitUntil(() => state.degraded(world), EVENTUALLY);

        gate.open();
        for (const id of all) await stack.untilDone(id, 'COMPLETED');
        for (const id of all) test.expect((await world.get(id)).http).toBe(200);
        await state.heal?.(world);
        test.expect(await notSteady(stack, ...completed(all))).toEqual([]);
        // Each was worked on by one, once.
        test.expect(gate.begun.toSorted()).toEqual(all.toSorted());
        for (const id of all) test.expect(await stack.row(id)).toMatchObject({ attempts: 1 });
        await vi.waitUntil(async () => (await redis.locks()).length === 0, EVENTUALLY);
      },
    );

    it('L5 has its locks overwritten: the jobs are done all the same, and the locks are left to the thief', async (test) => {
      const world = await redisWorld(test);
      const { stack, redis } = world;
      const { gate, inHand } = await twoBusyWorkers(world);
      const stolen = await redis.locks();
      for (const name of stolen) await redis.admin.set(name, 'thief', 'PX', 60_000);
      await vi.waitUntil(() => world.count('sf_lock_lost_total') === stolen.length, EVENTUALLY);
      gate.open();
      for (const id of inHand) await stack.untilDone(id, 'COMPLETED');
      test.expect(await notSteady(stack, ...completed(inHand))).toEqual([]);
      test.expect(await redis.admin.mget(...stolen)).toEqual(stolen.map(() => 'thief'));
    });
  });
