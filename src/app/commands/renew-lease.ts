import type { Asset } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { renew } from '#domain/protocol.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';

export interface RenewLeaseDeps {
  readonly assets: AssetStore;
  readonly clock: Clock;
  readonly limits: { readonly leaseMs: number };
}

export type RenewLease = (asset: Asset, signal?: AbortSignal) => Promise<void>;

/**
 * Keeps a claimed asset while the work on it goes on.
 *
 * @throws ForgeError `LEASE_LOST` (conflict) where the fencing token has passed to another; `STORE_UNAVAILABLE` (transient).
 */
export function renewLease({ assets, clock, limits }: RenewLeaseDeps): RenewLease {
  return async (asset, signal) => {
    const at = clock.now();
    const written = await assets.write(
      asset,
      renew(asset, { at, leaseUntil: at + limits.leaseMs }),
      signal,
    );
    if (written.applied) return;
    throw new ForgeError(
      'LEASE_LOST',
      'conflict',
      `asset ${asset.assetId} has passed to another worker`,
    );
  };
}
