import { describe, expect, it } from 'vitest';
import { getAsset } from '#app/queries/get-asset.ts';
import { aClaimedAsset, aCompletedAsset, anAsset, aResult, KEY } from '../../support/an-asset.ts';
import { APP_LIMITS, appWorld } from '../../support/app-world.ts';
import { overriding } from '../../support/overriding.ts';

const { event: _, dueAt: __, ...told } = aCompletedAsset();

describe('getting an asset', () => {
  it('reads the row, and keeps a copy close by', async () => {
    const world = appWorld();
    const row = await world.given(anAsset());
    expect(await world.client.queries.getAsset(KEY)).toEqual(row);
    expect(await world.client.queries.getAsset(KEY)).toEqual(row);
    expect(world.assets.calls).toEqual(['get']);
  });

  it.each([
    ['PENDING', anAsset(), APP_LIMITS.cacheTtlMs],
    ['PROCESSING', aClaimedAsset(), APP_LIMITS.cacheTtlMs],
    ['COMPLETED, its event not told yet', aCompletedAsset(), APP_LIMITS.cacheTtlMs],
    ['COMPLETED', told, APP_LIMITS.cacheTtlFinishedMs],
    ['FAILED', { ...told, status: 'FAILED' as const }, APP_LIMITS.cacheTtlFinishedMs],
    ['EXPIRED, which late bytes may change', anAsset({ status: 'EXPIRED' }), APP_LIMITS.cacheTtlMs],
  ])('keeps a copy as long as it may be true: %s', async (_what, row, ttlMs) => {
    const world = appWorld();
    await world.given(row);
    const { getAsset } = world.client.queries;
    await getAsset(KEY);
    world.clock.advance(ttlMs - 1);
    await getAsset(KEY);
    expect(world.assets.calls).toEqual(['get']);
    world.clock.advance(1);
    expect(await getAsset(KEY)).toEqual(row);
    expect(world.assets.calls).toEqual(['get', 'get']);
  });

  it('shows an ending at once, though an older copy was close by', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    await world.client.queries.getAsset(KEY);
    await world.worker.commands.commitEnding(asset, { result: aResult() });
    expect((await world.client.queries.getAsset(KEY)).status).toBe('COMPLETED');
  });

  it('does not let a slow reader put back an older copy', async () => {
    const world = appWorld();
    await world.cache.put(aClaimedAsset({ rev: 5 }), 1000);
    await world.cache.put(anAsset({ rev: 1 }), 1000);
    expect((await world.client.queries.getAsset(KEY)).rev).toBe(5);
  });

  it('keeps nobody waiting for the copy', async () => {
    const world = appWorld();
    const row = await world.given(anAsset());
    const cache = overriding(world.cache, { put: () => new Promise<void>(() => {}) });
    const read = getAsset({ assets: world.assets, cache, limits: APP_LIMITS });
    expect(await read(KEY)).toEqual(row);
  });

  it('finds nothing where there is nothing, and remembers nothing of it', async () => {
    const world = appWorld();
    const notFound = { code: 'ASSET_NOT_FOUND', kind: 'permanent' };
    await expect(world.client.queries.getAsset(KEY)).rejects.toMatchObject(notFound);
    const row = await world.given(anAsset());
    expect(await world.client.queries.getAsset(KEY)).toEqual(row);
  });

  it('finds nothing of another tenant', async () => {
    const world = appWorld();
    await world.given(anAsset());
    await world.client.queries.getAsset(KEY);
    const others = world.client.queries.getAsset({ ...KEY, tenant: 'other' });
    await expect(others).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  });

  it('finds nothing of an asset that is purged', async () => {
    const world = appWorld();
    await world.given(anAsset({ status: 'PURGED' }));
    await expect(world.client.queries.getAsset(KEY)).rejects.toMatchObject({
      code: 'ASSET_NOT_FOUND',
    });
    expect(await world.cache.get(KEY)).toBeNull();
  });

  it('fails where neither the cache nor the store knows', async () => {
    const world = appWorld();
    await world.given(anAsset());
    world.assets.failNext();
    await expect(world.client.queries.getAsset(KEY)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
