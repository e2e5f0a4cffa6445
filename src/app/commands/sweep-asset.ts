import { processMessage } from '#app/process-message.ts';
import { thinEventOf } from '#app/thin-event.ts';
import type { Asset, AssetKey } from '#domain/asset.ts';
import { toAssetEvent } from '#domain/events.ts';
import { exhausted } from '#domain/exhausted.ts';
import { sourceKey } from '#domain/keys.ts';
import { type Change, clearOutbox } from '#domain/protocol.ts';
import { defer, expire, fail, unlist } from '#domain/sweeping.ts';
import type { EpochMs } from '#domain/time.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { EventBus } from '#ports/event-bus.ts';
import type { Ids } from '#ports/ids.ts';
import type { Log } from '#ports/log.ts';
import type { ObjectStore } from '#ports/object-store.ts';
import type { Queue } from '#ports/queue.ts';
import { purgeAsset } from './purge-asset.ts';

/** What a sweep did about one asset. `refused`: the row had moved on, which is as good. */
export type Finding =
  | 'nothing'
  | 'refused'
  | 'command sent'
  | 'event published'
  | 'event not taken'
  | 'failed'
  | 'expired'
  | 'unlisted'
  | 'bytes removed'
  | 'purged';

export interface SweepAssetDeps {
  readonly assets: AssetStore;
  readonly objects: ObjectStore;
  readonly events: EventBus;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly attemptsMax: () => number;
  readonly limits: {
    readonly sweepDeferMs: number;
    readonly sweepDeferMsMax: number;
    readonly outboxDueMs: number;
  };
}

export type SweepAsset = (key: AssetKey, signal?: AbortSignal) => Promise<Finding>;

/**
 * Finishes one asset that the events lost. The key is a hint from the index: everything is decided on a consistent read,
 * and every write applies to the row as it was read, so several sweepers at once do no harm.
 *
 * @throws ForgeError transient: the next sweep finds the asset again.
 */
export function sweepAsset(deps: SweepAssetDeps): SweepAsset {
  const { assets, clock, log } = deps;
  return async (key, signal) => {
    const row = await assets.get(key, signal);
    const now = clock.now();
    if (row?.dueAt === undefined || row.dueAt > now) return 'nothing';
    const finding = await act(deps, row, now, signal);
    const { tenant, assetId, generation, correlationId, status } = row;
    if (finding !== 'nothing')
      log.info({ tenant, assetId, generation, correlationId, status, finding }, 'asset swept');
    return finding;
  };
}

function act(
  deps: SweepAssetDeps,
  row: Asset,
  now: EpochMs,
  signal?: AbortSignal,
): Promise<Finding> | Finding {
  if (row.deletedAt !== undefined) return purgeAsset(deps, row, now, signal);
  if (row.event) return publish(deps, row, now, signal);
  switch (row.status) {
    case 'PENDING':
    case 'EXPIRED':
      return lookForBytes(deps, row, now, signal);
    case 'PROCESSING':
      return takeOver(deps, row, now, signal);
    case 'CANCELLED':
      return scrub(deps, row, now, signal);
    default:
      return 'nothing';
  }
}

async function write(
  { assets }: SweepAssetDeps,
  row: Asset,
  change: Change,
  done: Finding,
  signal?: AbortSignal,
): Promise<Finding> {
  const { applied } = await assets.write(row, change, signal);
  return applied ? done : 'refused';
}

/** First the later look: an event that the bus refuses must not stay the longest due, and keep others from being seen. */
async function publish(
  deps: SweepAssetDeps,
  row: Asset,
  at: EpochMs,
  signal?: AbortSignal,
): Promise<Finding> {
  const { event } = row;
  if (!event) return 'nothing';
  const later = defer(row, { at, dueAt: at + deps.limits.outboxDueMs });
  if (!(await deps.assets.write(row, later, signal)).applied) return 'refused';
  const [taken] = await deps.events.publish([toAssetEvent(row, event)], signal);
  if (!taken) return 'event not taken';
  await deps.assets.write(row, clearOutbox({ at, eventId: event.eventId }), signal);
  return 'event published';
}

async function lookForBytes(
  deps: SweepAssetDeps,
  row: Asset,
  at: EpochMs,
  signal?: AbortSignal,
): Promise<Finding> {
  if (await deps.objects.head(sourceKey(row), signal)) return sendCommand(deps, row, at, signal);
  if (row.status === 'EXPIRED') return write(deps, row, unlist(row, { at }), 'unlisted', signal);
  return row.uploadExpiresAt <= at
    ? write(deps, row, expire(row, { at }), 'expired', signal)
    : 'nothing';
}

async function takeOver(
  deps: SweepAssetDeps,
  row: Asset,
  at: EpochMs,
  signal?: AbortSignal,
): Promise<Finding> {
  if ((row.leaseUntil ?? 0) >= at) return 'nothing';
  const attemptsMax = deps.attemptsMax();
  if (row.attempts < attemptsMax) return sendCommand(deps, row, at, signal);
  const failure = exhausted(row, row.attempts);
  const event = thinEventOf(row, { failure }, at, deps.ids);
  const dueAt = at + deps.limits.outboxDueMs;
  return write(deps, row, fail(row, { at, dueAt, attemptsMax, failure, event }), 'failed', signal);
}

/**
 * First the later look: so of several sweepers one sends it, and a command that fails to go out is sent after the next. Where
 * commands wait in a backlog, each look that finds the asset as before doubles the wait, so that they do not make it longer.
 */
async function sendCommand(
  deps: SweepAssetDeps,
  row: Asset,
  at: EpochMs,
  signal?: AbortSignal,
): Promise<Finding> {
  const later = defer(row, { at, dueAt: at + nextDeferMs(row, deps.limits) });
  if (!(await deps.assets.write(row, later, signal)).applied) return 'refused';
  await deps.queue.send(processMessage(row), signal);
  return 'command sent';
}

/** Twice the last wait, from `sweepDeferMs` up to `sweepDeferMsMax`; what was due by another reason waited for that. */
function nextDeferMs(
  { dueAt = 0, updatedAt }: Asset,
  { sweepDeferMs, sweepDeferMsMax }: SweepAssetDeps['limits'],
): number {
  const lastMs = dueAt - updatedAt;
  const isDeferred = lastMs >= sweepDeferMs && lastMs <= sweepDeferMsMax;
  return isDeferred ? Math.min(2 * lastMs, sweepDeferMsMax) : sweepDeferMs;
}

async function scrub(
  deps: SweepAssetDeps,
  row: Asset,
  at: EpochMs,
  signal?: AbortSignal,
): Promise<Finding> {
  await deps.objects.remove(sourceKey(row), signal);
  return write(deps, row, unlist(row, { at }), 'bytes removed', signal);
}
