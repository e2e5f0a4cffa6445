import { processMessage } from '#app/process-message.ts';
import type { Asset, AssetKey } from '#domain/asset.ts';
import { ForgeError, toForgeError } from '#domain/errors.ts';
import { reopen } from '#domain/lifecycle.ts';
import { isTerminal } from '#domain/states.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { Log } from '#ports/log.ts';
import type { Queue } from '#ports/queue.ts';
import type { StatusCache } from '#ports/status-cache.ts';

/** A finished asset that is open again, and what it is open for: another try, or another look at what went well. */
export interface Retried {
  readonly step: 'retry' | 'reprocess';
  readonly asset: Asset;
}

export interface RetryAssetDeps {
  readonly assets: AssetStore;
  readonly queue: Pick<Queue, 'send'>;
  readonly cache: StatusCache;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: { readonly sweepDeferMs: number; readonly cacheTtlMs: number };
}

export type RetryAsset = (key: AssetKey, signal?: AbortSignal) => Promise<Retried>;

/**
 * Has a finished asset processed again, from the same bytes: a new generation in the row, then the command.
 *
 * A command that cannot be sent is no error: the row is due, and a sweeper sends it. Of several callers at once each gets
 * the one generation that they open together; after a lost reply likewise.
 *
 * @throws ForgeError `ASSET_NOT_FOUND` (permanent); `EVENT_PENDING` (conflict) while the event of the ending waits to be
 * published; `NOT_RETRYABLE` (conflict) where the asset is not finished; `STORE_UNAVAILABLE` (transient).
 */
export function retryAsset(deps: RetryAssetDeps): RetryAsset {
  const { assets, cache, clock, limits } = deps;
  return async (key, signal) => {
    const read = expectFinished(key, await assets.get(key, signal));
    const step = read.status === 'FAILED' ? 'retry' : 'reprocess';
    const at = clock.now();
    const change = reopen(step, read, { at, dueAt: at + limits.sweepDeferMs });
    const written = await assets.write(key, change, signal);
    const asset = expectReopened(read, written.asset);
    await cache.put(asset, limits.cacheTtlMs);
    await sendCommand(deps, step, asset, signal);
    return { step, asset };
  };
}

/** A refused write may be ours all the same: the reply to the first try was lost, or another wished for the same. */
function expectReopened(read: Asset, row: Asset | null): Asset {
  if (row?.generation === read.generation + 1) return row;
  expectFinished(read, row);
  // It had moved on when we wrote, and is back by now: deleted, and restored.
  throw notRetryable(read, 'has just changed');
}

function expectFinished(key: AssetKey, row: Asset | null): Asset {
  if (!row || row.status === 'PURGED' || row.deletedAt !== undefined) {
    throw new ForgeError('ASSET_NOT_FOUND', 'permanent', `there is no asset ${key.assetId}`);
  }
  if (!isTerminal(row.status)) throw notRetryable(key, `is ${row.status}`);
  if (row.event) {
    const detail = `the event of asset ${key.assetId} is still to be published`;
    throw new ForgeError('EVENT_PENDING', 'conflict', detail);
  }
  return row;
}

function notRetryable({ assetId }: AssetKey, why: string): ForgeError {
  return new ForgeError('NOT_RETRYABLE', 'conflict', `asset ${assetId} ${why}`);
}

async function sendCommand(
  { queue, log }: RetryAssetDeps,
  step: Retried['step'],
  asset: Asset,
  signal?: AbortSignal,
): Promise<void> {
  const { tenant, assetId, generation, correlationId } = asset;
  const about = { tenant, assetId, generation, correlationId, step };
  log.info(about, 'asset reopened');
  try {
    await queue.send(processMessage(asset), signal);
  } catch (error) {
    signal?.throwIfAborted();
    const { code, message } = toForgeError(error);
    log.warn({ ...about, code, reason: message }, 'command not sent, the sweeper will');
  }
}
