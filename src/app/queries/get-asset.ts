import type { Asset, AssetKey } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { isTerminal } from '#domain/states.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { StatusCache } from '#ports/status-cache.ts';

export interface GetAssetDeps {
  readonly assets: AssetStore;
  readonly cache: StatusCache;
  readonly limits: { readonly cacheTtlMs: number; readonly cacheTtlFinishedMs: number };
}

export type GetAsset = (key: AssetKey, signal?: AbortSignal) => Promise<Asset>;

/**
 * An asset as it is, or was a moment ago: cache-aside, short while it changes, longer once it is finished and told of.
 *
 * @throws ForgeError `ASSET_NOT_FOUND` (permanent); `STORE_UNAVAILABLE` (transient).
 */
export function getAsset({ assets, cache, limits }: GetAssetDeps): GetAsset {
  return async (key, signal) => {
    const cached = await cache.get(key);
    if (cached) return cached;
    const asset = await assets.get(key, signal);
    if (!asset || asset.status === 'PURGED') {
      throw new ForgeError('ASSET_NOT_FOUND', 'permanent', `there is no asset ${key.assetId}`);
    }
    const finished = isTerminal(asset.status) && !asset.event;
    // Nobody waits for the copy: a cache that is unwell delays a reader once, not twice.
    void cache.put(asset, finished ? limits.cacheTtlFinishedMs : limits.cacheTtlMs);
    return asset;
  };
}
