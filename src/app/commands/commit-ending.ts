import type { Asset, AssetResult, Failure, TerminalStatus } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { eventName, summarise, type ThinEvent } from '#domain/events.ts';
import { commit, type Ending } from '#domain/protocol.ts';
import { isTerminal } from '#domain/states.ts';
import type { EpochMs } from '#domain/time.ts';
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
  readonly limits: { readonly outboxDueMs: number; readonly cacheTtlMs: number };
}

/** What an attempt ended with. */
export type Outcome = { readonly result: AssetResult } | { readonly failure: Failure };

export type CommitEnding = (asset: Asset, outcome: Outcome, signal?: AbortSignal) => Promise<Asset>;

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
  return async (asset, outcome, signal) => {
    const at = clock.now();
    const ending = toEnding(asset, outcome, at, (name) => ids.uuidOf(name));
    const change = commit(asset, { at, dueAt: at + limits.outboxDueMs, ending });
    const written = await assets.write(asset, change, signal);
    const row = written.asset;
    const mine = row?.fencingToken === asset.fencingToken && row.eventId === ending.event.eventId;
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

function toEnding(
  asset: Asset,
  outcome: Outcome,
  at: EpochMs,
  uuidOf: (name: string) => string,
): Ending {
  const eventOf = (status: TerminalStatus): Omit<ThinEvent, 'summary' | 'failure'> => ({
    eventId: uuidOf(eventName(asset, status)),
    type: status === 'COMPLETED' ? 'VideoProcessedEvent' : 'VideoFailedEvent',
    occurredAt: new Date(at).toISOString(),
    status,
    generation: asset.generation,
  });
  return 'result' in outcome
    ? {
        ...outcome,
        event: { ...eventOf('COMPLETED'), summary: summarise(outcome.result.metadata) },
      }
    : { ...outcome, event: { ...eventOf('FAILED'), failure: outcome.failure } };
}
