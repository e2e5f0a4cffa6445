import type { Asset, AssetKey } from '#domain/asset.ts';

/**
 * Copies of rows, close by, for readers who can live with one that is a little old.
 *
 * A copy lives `ttlMs` at most. A put never replaces a copy with a higher `rev`, whoever is slower. A cache that is down,
 * frozen or full answers like an empty one, within the bound of the adapter: it never rejects.
 */
export interface StatusCache {
  get(key: AssetKey): Promise<Asset | null>;
  put(asset: Asset, ttlMs: number): Promise<void>;
}
