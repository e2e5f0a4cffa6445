import { applyChange } from '#domain/apply-change.ts';
import type { Asset, AssetKey } from '#domain/asset.ts';
import { assetName } from '#domain/keys.ts';
import type { Change } from '#domain/protocol.ts';
import type { AssetStore, DueQuery, Written } from '#ports/asset-store.ts';

/** Rows as JSON text: what is read is a copy, and attributes that are undefined are absent, as in DynamoDB. */
export class MemoryAssetStore implements AssetStore {
  readonly shards = 1;
  readonly #rows = new Map<string, string>();

  async create(asset: Asset, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    if (this.#rows.has(assetName(asset))) return false;
    this.#store(asset);
    return true;
  }

  /** Nothing is awaited between reading and storing: that is what makes it atomic. */
  async write(key: AssetKey, change: Change, signal?: AbortSignal): Promise<Written> {
    signal?.throwIfAborted();
    const row = this.#read(key);
    const next = row && applyChange(row, change);
    return next ? { applied: true, asset: this.#store(next) } : { applied: false, asset: row };
  }

  async get(key: AssetKey, signal?: AbortSignal): Promise<Asset | null> {
    signal?.throwIfAborted();
    return this.#read(key);
  }

  async due({ dueUntil, keysMax }: DueQuery, signal?: AbortSignal): Promise<readonly AssetKey[]> {
    signal?.throwIfAborted();
    return [...this.#rows.values()]
      .map((text): Asset => JSON.parse(text))
      .filter(({ dueAt }) => dueAt !== undefined && dueAt <= dueUntil)
      .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
      .slice(0, keysMax)
      .map(({ tenant, assetId }) => ({ tenant, assetId }));
  }

  #read(key: AssetKey): Asset | null {
    const text = this.#rows.get(assetName(key));
    return text === undefined ? null : JSON.parse(text);
  }

  #store(asset: Asset): Asset {
    const text = JSON.stringify(asset);
    this.#rows.set(assetName(asset), text);
    return JSON.parse(text);
  }
}
