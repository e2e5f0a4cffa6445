import type { Asset } from '#domain/asset.ts';
import type { ForgeError } from '#domain/errors.ts';
import { release } from '#domain/protocol.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { Log } from '#ports/log.ts';

export interface ReleaseAssetDeps {
  readonly assets: AssetStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: { readonly leaseMs: number };
}

/** Why an attempt ends early, and when the next one may come. */
export interface ReleaseReason {
  readonly error: ForgeError;
  readonly retryAfterSeconds: number;
  /** Gives the attempt back: it was not the asset's fault. */
  readonly refund: boolean;
}

export type ReleaseAsset = (
  asset: Asset,
  reason: ReleaseReason,
  signal?: AbortSignal,
) => Promise<void>;

const LAST_ERROR_CHARS_MAX = 500;

/**
 * Gives a claimed asset back, so that the next attempt need not wait for the lease to lapse. Where the token has passed to
 * another there is nothing to give back.
 *
 * @throws ForgeError `STORE_UNAVAILABLE` (transient).
 */
export function releaseAsset({ assets, clock, log, limits }: ReleaseAssetDeps): ReleaseAsset {
  return async (asset, { error, retryAfterSeconds, refund }, signal) => {
    const at = clock.now();
    const lastError = `${error.code}: ${error.message}`.slice(0, LAST_ERROR_CHARS_MAX);
    const dueAt = at + retryAfterSeconds * 1000 + limits.leaseMs;
    const written = await assets.write(
      asset,
      release(asset, { at, dueAt, lastError, code: error.code, refund }),
      signal,
    );
    if (!written.applied) return;
    const { tenant, assetId, generation, attempts, correlationId } = asset;
    log.warn(
      { tenant, assetId, generation, attempts, correlationId, lastError, refund },
      'asset released',
    );
  };
}
