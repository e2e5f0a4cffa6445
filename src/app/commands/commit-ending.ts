import { thinEventOf } from '#app/thin-event.ts';
import type { Asset, Ending } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { commit } from '#domain/protocol.ts';
import { isTerminal } from '#domain/states.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Log } from '#ports/log.ts';
import type { StatusCache } from '#ports/status-cache.ts';

export interface CommitEndingDeps {
  readonly assets: AssetStore;
  readonly cache: StatusCache;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly limits: { readonly cacheTtlMs: number };
}

export type CommitEnding = (asset: Asset, ending: Ending, signal?: AbortSignal) => Promise<Asset>;

/**
 * Ends the generation of a claimed asset: result or failure, and the event that tells of it, in one write.
 *
 * Calling it again after a lost reply finds the commit done.
 *
 * @returns The row as committed, its event waiting in it.
 * @throws ForgeError `LEASE_LOST` (conflict) where the fencing token has passed to another; `STORE_UNAVAILABLE` (transient).
 */
export function commitEnding({
  assets,
  cache,
  clock,
  ids,
  log,
  limits,
}: CommitEndingDeps): CommitEnding {
  return async (asset, ending, signal) => {
    const at = clock.now();
    const event = thinEventOf(asset, ending, at, ids);
    const change = commit(asset, { at, ending: { ...ending, event } });
    const written = await assets.write(asset, change, signal);
    const row = written.asset;
    const mine = row?.fencingToken === asset.fencingToken && row.eventId === event.eventId;
    if (!row || !(written.applied || (mine && isTerminal(row.status)))) {
      throw new ForgeError(
        'LEASE_LOST',
        'conflict',
        `asset ${asset.assetId} has passed to another worker`,
      );
    }
    await cache.put(row, limits.cacheTtlMs);
    const { tenant, assetId, generation, correlationId, status, failure } = row;
    log.info(
      { tenant, assetId, generation, correlationId, status, code: failure?.code },
      'asset ended',
    );
    return row;
  };
}
