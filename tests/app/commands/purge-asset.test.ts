/*
 * What a sweep does about a deleted asset whose time has come. Each test ends a process between two of its calls, or lets
 * another do something there, and shows that the next sweep finishes.
 */
import { describe, expect, it, vi } from 'vitest';
import type { Asset } from '#domain/asset.ts';
import { derivedKey, sourceKey } from '#domain/keys.ts';
import { restore } from '#domain/lifecycle.ts';
import { aCompletedAsset, KEY } from '../../support/an-asset.ts';
import { T0 } from '../../support/fixed-clock.ts';
import { sweepWorld } from '../../support/sweep-world.ts';

const NOW = T0 + 10_000_000;
const { event: _, ...completed } = aCompletedAsset();
const deleted: Asset = { ...completed, deletedAt: T0, dueAt: NOW };
const OTHERS = derivedKey({ ...KEY, assetId: KEY.assetId.replace(/a$/, 'b') }, 1, 'poster.jpg');

async function worldWith(row: Asset = deleted) {
  const world = sweepWorld();
  await world.given(row);
  const keys = [derivedKey(KEY, 1, 'poster.jpg'), derivedKey(KEY, 2, 'thumbs/1.jpg'), OTHERS];
  for (const key of keys) await world.objects.put(key, new Uint8Array(1), 'image/jpeg');
  return world;
}

describe('purging an asset', () => {
  it('removes its source and everything made of it, and leaves a tombstone', async () => {
    const world = await worldWith();
    expect(await world.sweep()).toBe('purged');
    expect(await world.objectKeys()).toEqual([OTHERS]);
    const row = await world.row();
    expect(row).toMatchObject({ status: 'PURGED', fileName: '', size: null, rev: 5 });
    for (const gone of ['deletedAt', 'purgingAt', 'dueAt', 'result'])
      expect(row).not.toHaveProperty(gone);
    expect(world.log.lines).toMatchObject([
      { message: 'asset swept', fields: { ...KEY, status: 'COMPLETED', finding: 'purged' } },
    ]);
    expect(await world.sweep()).toBe('nothing');
    expect([world.sent, world.events.published]).toEqual([[], []]);
  });

  it('passes the point of no return before the first object goes, and buries after the last', async () => {
    const world = await worldWith();
    const remove = world.objects.remove.bind(world.objects);
    vi.spyOn(world.objects, 'remove').mockImplementation((key, signal) => {
      world.assets.calls.push('remove');
      return remove(key, signal);
    });
    await world.sweep();
    expect(world.assets.calls).toEqual(['get', 'purge', 'remove', 'remove', 'remove', 'bury']);
  });

  it.each(['FAILED', 'EXPIRED', 'CANCELLED'] as const)(
    'does so where it was %s',
    async (status) => {
      const world = await worldWith({ ...deleted, status });
      expect(await world.sweep()).toBe('purged');
      expect(await world.objectKeys()).toEqual([OTHERS]);
    },
  );
});

describe('a purge that is cut short', () => {
  it.each(['purge', 'bury'])(
    'is finished by the next sweep where the reply to %s is lost',
    async (step) => {
      const world = await worldWith();
      const write = world.assets.write.bind(world.assets);
      vi.spyOn(world.assets, 'write').mockImplementation((key, change, signal) => {
        if (change.step === step) world.assets.loseNextReply();
        return write(key, change, signal);
      });
      await expect(world.sweep()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      vi.mocked(world.assets.write).mockRestore();
      expect(await world.sweep()).toBe(step === 'purge' ? 'purged' : 'nothing');
      expect(await world.objectKeys()).toEqual([OTHERS]);
      expect((await world.row()).status).toBe('PURGED');
    },
  );

  it.each([1, 2, 3])('goes on where object %i could not be removed', async (nth) => {
    const world = await worldWith();
    const remove = world.objects.remove.bind(world.objects);
    let calls = 0;
    vi.spyOn(world.objects, 'remove').mockImplementation(async (key, signal) => {
      calls += 1;
      if (calls === nth) throw new Error('killed');
      await remove(key, signal);
    });
    await expect(world.sweep()).rejects.toThrow('killed');
    expect(await world.row()).toMatchObject({ status: 'COMPLETED', purgingAt: NOW, dueAt: NOW });
    expect(await world.sweep()).toBe('purged');
    expect(await world.objectKeys()).toEqual([OTHERS]);
  });
});

describe('a purge that another has begun', () => {
  it('goes straight to the objects', async () => {
    const world = await worldWith({ ...deleted, purgingAt: NOW - 1 });
    expect(await world.sweep()).toBe('purged');
    expect(world.assets.calls).toEqual(['get', 'bury']);
    expect(await world.objectKeys()).toEqual([OTHERS]);
  });
});

describe('two at once', () => {
  it('leave an asset alone that was restored since it was read', async () => {
    const world = await worldWith();
    world.afterNextRead(() => world.assets.write(KEY, restore(deleted, { at: NOW, dueAt: NOW })));
    expect(await world.sweep()).toBe('refused');
    expect(await world.objectKeys()).toHaveLength(4);
    expect(await world.row()).not.toHaveProperty('purgingAt');
  });

  it('bury an asset once', async () => {
    const world = await worldWith();
    const findings = await Promise.all([world.sweep(), world.sweep()]);
    expect(findings.toSorted()).toEqual(['purged', 'refused']);
    expect(await world.objectKeys()).toEqual([OTHERS]);
    const buried = (await world.row()).history.filter(({ step }) => step === 'bury');
    expect(buried).toHaveLength(1);
  });

  it('finish together what a third has begun', async () => {
    const world = await worldWith({ ...deleted, purgingAt: NOW - 1 });
    const findings = await Promise.all([world.sweep(), world.sweep()]);
    expect(findings.toSorted()).toEqual(['purged', 'refused']);
    expect(await world.objectKeys()).toEqual([OTHERS]);
  });
});

describe('a purge whose signal is aborted', () => {
  it('removes nothing', async () => {
    const world = await worldWith();
    const controller = new AbortController();
    world.afterNextRead(() => controller.abort(new Error('left')));
    await expect(world.sweep(controller.signal)).rejects.toThrow('left');
    expect(await world.row()).toEqual(deleted);
    expect(await world.objects.head(sourceKey(KEY))).not.toBeNull();
  });
});
