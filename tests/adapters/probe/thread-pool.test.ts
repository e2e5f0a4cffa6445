// Who gets a thread, and when one is started; the threads are real.
import type { ResourceLimits } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isShortage } from '#adapters/probe/media-fault.ts';
import { ThreadPool, type ThreadPoolOptions } from '#adapters/probe/thread-pool.ts';
import { ForgeError } from '#domain/errors.ts';

// Processes and threads start late on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 });

const starts = vi.hoisted(() => ({ now: 0, most: 0, all: 0 }));
/** What the last thread may use. */
const bounds = vi.hoisted(() => ({ last: {} as ResourceLimits | undefined }));
/** What the next thread runs instead. */
const broken = vi.hoisted(() => ({ script: '' }));

vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class CountedWorker extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      if (broken.script === '') super(...args);
      else super(broken.script, { eval: true });
      broken.script = '';
      bounds.last = this.resourceLimits;
      starts.now += 1;
      starts.all += 1;
      starts.most = Math.max(starts.most, starts.now);
      this.once('message', () => {
        starts.now -= 1;
      });
    }
  }
  return { ...real, Worker: CountedWorker };
});

const { signal } = new AbortController();
const OPTIONS = { threadsMax: 4, heapBytesMax: 128 * 1024 * 1024 };

const pools: ThreadPool[] = [];
const open = (options: Partial<ThreadPoolOptions> = {}): ThreadPool => {
  const pool = new ThreadPool({ ...OPTIONS, ...options });
  pools.push(pool);
  return pool;
};

beforeEach(() => {
  broken.script = '';
  Object.assign(starts, { now: 0, most: 0, all: 0 });
});
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

describe('ThreadPool', () => {
  it('starts threads one after the other, up to its bound', async () => {
    const pool = open();
    const threads = await Promise.all(Array.from({ length: 4 }, () => pool.take(signal)));
    expect(new Set(threads).size).toBe(4);
    expect(starts).toEqual({ now: 0, most: 1, all: 4 });
    const fifth = pool.take(signal);
    const [first] = threads;
    if (first) pool.give(first);
    expect(await fifth).toBe(first);
    expect(starts.all).toBe(4);
    for (const thread of threads) pool.give(thread);
  });

  it('gives a warm thread before it starts a cold one', async () => {
    const pool = open();
    const first = await pool.take(signal);
    pool.give(first);
    expect(await pool.take(signal)).toBe(first);
    expect(starts.all).toBe(1);
    pool.give(first);
  });

  it('bounds the heap of a thread, and the garbage in it', async () => {
    const pool = open({ youngHeapBytesMax: 8 * 1024 * 1024 });
    pool.give(await pool.take(signal));
    expect(bounds.last).toMatchObject({ maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 });
  });

  it('gives in the order of asking', async () => {
    const pool = open({ threadsMax: 1 });
    const order: number[] = [];
    const asking = [1, 2, 3].map(async (number) => {
      const thread = await pool.take(signal);
      order.push(number);
      pool.give(thread);
    });
    await Promise.all(asking);
    expect(order).toEqual([1, 2, 3]);
  });

  it('replaces a thread that has ended, for whoever waits', async () => {
    const pool = open({ threadsMax: 1 });
    const first = await pool.take(signal);
    const waiting = pool.take(signal);
    await first.end();
    pool.give(first);
    const second = await waiting;
    expect(second).not.toBe(first);
    expect(second.alive).toBe(true);
    pool.give(second);
  });

  it('lets go at once of whoever leaves while a thread starts, which the next one gets', async () => {
    const pool = open({ threadsMax: 1 });
    const leaving = new AbortController();
    const left = pool.take(leaving.signal);
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(starts.now).toBe(1);
    pool.give(await pool.take(signal));
    expect(starts.all).toBe(1);
  });

  it.each([
    ['does not become ready', 'setInterval(() => {}, 1000)', true],
    ['ends before it is ready', 'process.exit()', false],
    ['fails before it is ready', 'throw new Error()', false],
  ])('says PROBE_UNAVAILABLE where a thread %s', async (_, script, isShort) => {
    const pool = open({ startWallMs: script.includes('setInterval') ? 20 : 10_000 });
    broken.script = script;
    const error = await pool.take(signal).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'PROBE_UNAVAILABLE', kind: 'transient' });
    expect(error instanceof ForgeError && isShortage(error.cause)).toBe(isShort);
  });

  it('fails one of those who wait, and starts another thread for the next', async () => {
    const pool = open();
    broken.script = 'process.exit()';
    const failing = pool.take(signal);
    const waiting = pool.take(signal);
    await expect(failing).rejects.toMatchObject({ code: 'PROBE_UNAVAILABLE' });
    pool.give(await waiting);
  });
});
