import { describe, expect, it, vi } from 'vitest';
import { derivedKey } from '#domain/keys.ts';
import { aCompletedAsset, KEY } from '../../support/an-asset.ts';
import { appWorld } from '../../support/app-world.ts';

const committed = (fencingToken: number) => aCompletedAsset({ fencingToken });

/** A world with these objects in it. */
async function worldWith(...keys: readonly string[]) {
  const world = appWorld();
  for (const key of keys) await world.objects.put(key, new Uint8Array(1), 'image/jpeg');
  return world;
}

describe('removing what is stale', () => {
  it('removes what was made under lower tokens, and says how much', async () => {
    const stale = [derivedKey(KEY, 1, 'a'), derivedKey(KEY, 2, 'a'), derivedKey(KEY, 9, 'b/c')];
    const mine = derivedKey(KEY, 10, 'a');
    const world = await worldWith(...stale, mine);
    expect(await world.worker.commands.removeStale(committed(10))).toBe(3);
    expect(await world.objectKeys()).toEqual([mine]);
    expect(world.log.lines).toEqual([
      {
        level: 'info',
        message: 'stale objects removed',
        fields: { ...KEY, generation: 1, correlationId: 'correlation-1', removed: 3 },
      },
    ]);
  });

  it('leaves a higher token’s, the source, what it does not know, and other assets alone', async () => {
    const other = { ...KEY, assetId: KEY.assetId.replace(/a$/, 'b') };
    const kept = [
      derivedKey(KEY, 3, 'a'),
      `derived/acme/${KEY.assetId}/notes.txt`,
      derivedKey(other, 1, 'a'),
      derivedKey({ ...KEY, tenant: 'acme2' }, 1, 'a'),
      `uploads/acme/${KEY.assetId}/source`,
    ];
    const world = await worldWith(...kept);
    expect(await world.worker.commands.removeStale(committed(2))).toBe(0);
    expect(await world.objectKeys()).toEqual(kept.toSorted());
    expect(world.log.lines).toEqual([]);
  });

  it('makes no call after a first attempt', async () => {
    const world = await worldWith(derivedKey(KEY, 1, 'a'));
    const list = vi.spyOn(world.objects, 'list');
    expect(await world.worker.commands.removeStale(committed(1))).toBe(0);
    expect(list).not.toHaveBeenCalled();
  });

  it('hands its signal on, to the look and to the removal', async () => {
    const world = await worldWith(derivedKey(KEY, 1, 'a'));
    const calls = [vi.spyOn(world.objects, 'list'), vi.spyOn(world.objects, 'remove')];
    const { signal } = new AbortController();
    await world.worker.commands.removeStale(committed(2), signal);
    for (const call of calls)
      expect(call).toHaveBeenCalledExactlyOnceWith(expect.any(String), signal);
  });

  it('ends with its signal', async () => {
    const world = await worldWith(derivedKey(KEY, 1, 'a'));
    const signal = AbortSignal.abort(new Error('left'));
    await expect(world.worker.commands.removeStale(committed(2), signal)).rejects.toThrow('left');
    expect(await world.objectKeys()).toHaveLength(1);
  });
});
