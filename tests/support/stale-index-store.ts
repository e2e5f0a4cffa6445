import type { Asset, AssetKey } from '#domain/asset.ts';
import { assetName } from '#domain/keys.ts';
import type { Change } from '#domain/protocol.ts';
import type { AssetStore, DueQuery, Written } from '#ports/asset-store.ts';

/**
 * A store whose index lags behind as far as one can: it offers every row it ever saw, due or not, and each of them twice.
 * Rows themselves are as they are.
 */
export class StaleIndexStore implements AssetStore {
  readonly shards: number;
  readonly #store: AssetStore;
  readonly #seen = new Map<string, AssetKey>();

  constructor(store: AssetStore) {
    this.#store = store;
    this.shards = store.shards;
  }

  create(asset: Asset, signal?: AbortSignal): Promise<boolean> {
    this.#see(asset);
    return this.#store.create(asset, signal);
  }

  write(key: AssetKey, change: Change, signal?: AbortSignal): Promise<Written> {
    this.#see(key);
    return this.#store.write(key, change, signal);
  }

  get(key: AssetKey, signal?: AbortSignal): Promise<Asset | null> {
    return this.#store.get(key, signal);
  }

  /** Every key, more than were asked for: an index that lags heeds no bound in time. */
  async due(query: DueQuery, signal?: AbortSignal): Promise<readonly AssetKey[]> {
    const due = await this.#store.due(query, signal);
    return [...due, ...this.#seen.values(), ...this.#seen.values()];
  }

  #see({ tenant, assetId }: AssetKey): void {
    this.#seen.set(assetName({ tenant, assetId }), { tenant, assetId });
  }
}
