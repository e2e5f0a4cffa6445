import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Asset, AssetKey } from '#domain/asset.ts';
import { type AssetEvent, type ThinEvent, toAssetEvent } from '#domain/events.ts';
import { type Change, claim } from '#domain/protocol.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import { anAsset, aThinEvent } from '../support/an-asset.ts';

/** A fresh row with an id of its own, since all the tests of a suite share one store. */
export const pendingAsset = (over: Partial<Asset> = {}): Asset =>
  anAsset({ assetId: randomUUID(), fileName: 'Ferien – Tag 1 🏖.mp4', ...over });

/** A fresh row that the store has. */
export async function created(store: AssetStore, over: Partial<Asset> = {}): Promise<Asset> {
  const asset = pendingAsset(over);
  expect(await store.create(asset)).toBe(true);
  return asset;
}

/** The row after a change that is not refused. */
export async function applied(store: AssetStore, key: AssetKey, change: Change): Promise<Asset> {
  const written = await store.write(key, change);
  if (!written.applied) throw new Error(`${change.step} was refused`);
  return written.asset;
}

export const thinEvent = (over: Partial<ThinEvent> = {}): ThinEvent =>
  aThinEvent({
    eventId: randomUUID(),
    summary: { kind: 'video', container: 'mp4', durationSeconds: 1.5, width: 16, height: null },
    ...over,
  });

export const assetEvent = (over: Partial<AssetEvent> = {}): AssetEvent => ({
  ...toAssetEvent(pendingAsset(), thinEvent()),
  ...over,
});

/** A claim of generation 1, for 45 s, by somebody new. */
export const claimAt = (at: number, over: Partial<Parameters<typeof claim>[0]> = {}): Change =>
  claim({
    at,
    generation: 1,
    claimId: randomUUID(),
    sourceEtag: '"e"',
    leaseUntil: at + 45_000,
    takeOver: true,
    ...over,
  });
