import type { Asset } from '#domain/asset.ts';
import { derivedPrefix, derivedToken } from '#domain/keys.ts';
import type { Log } from '#ports/log.ts';
import type { ObjectStore } from '#ports/object-store.ts';

export interface RemoveStaleDeps {
  readonly objects: ObjectStore;
  readonly log: Log;
}

export type RemoveStale = (asset: Asset, signal?: AbortSignal) => Promise<number>;

/**
 * Removes what earlier attempts at a committed asset made, and answers how many objects that were. A first attempt has
 * none before it, and costs no call.
 *
 * What it leaves when it fails does no harm: no row names it, and it goes with the asset.
 *
 * @param asset As it was committed: what is under its own fencing token stays.
 * @throws ForgeError `OBJECT_STORE_UNAVAILABLE`, `ACCESS_DENIED` (transient).
 */
export function removeStale({ objects, log }: RemoveStaleDeps): RemoveStale {
  return async (asset, signal) => {
    const { tenant, assetId, generation, correlationId, fencingToken } = asset;
    if (fencingToken <= 1) return 0;
    let removed = 0;
    for await (const key of objects.list(derivedPrefix(asset), signal)) {
      if ((derivedToken(key) ?? fencingToken) >= fencingToken) continue;
      await objects.remove(key, signal);
      removed++;
    }
    if (removed > 0)
      log.info({ tenant, assetId, generation, correlationId, removed }, 'stale objects removed');
    return removed;
  };
}
