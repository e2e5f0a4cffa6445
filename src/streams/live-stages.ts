import {
  concatMap,
  defer,
  finalize,
  type MonoTypeOperatorFunction,
  map,
  type Observable,
  of,
  tap,
} from 'rxjs';
import type { WorkerApp } from '#app/app.ts';
import { toForgeError } from '#domain/errors.ts';
import { type AssetEvent, toAssetEvent } from '#domain/events.ts';
import { assetName } from '#domain/keys.ts';
import type { CreditLedger } from '#operators/credit-ledger.ts';
import { creditSource } from '#operators/credit-source.ts';
import { fromAbortable } from '#operators/from-abortable.ts';
import type { Prefetch } from '#operators/prefetch.ts';
import { retryBackoff } from '#operators/retry-backoff.ts';
import type { Ids } from '#ports/ids.ts';
import type { Lock } from '#ports/lock.ts';
import type { ObjectStore } from '#ports/object-store.ts';
import type { Queue, QueueMessage, VisibilityChange } from '#ports/queue.ts';
import type { Batched } from './batched.ts';
import type { Stages } from './stages.ts';
import type { VisibilityKeeper } from './visibility-keeper.ts';

/** What the stages are made of. */
export interface LiveStagesDeps {
  readonly app: WorkerApp;
  readonly queue: Queue;
  readonly objects: Pick<ObjectStore, 'head'>;
  readonly lock: Lock;
  readonly ids: Ids;
  readonly ledger: CreditLedger;
  readonly prefetch: Pick<Prefetch, 'received'>;
  readonly keeper: VisibilityKeeper;
  readonly removals: Batched<QueueMessage>;
  readonly delays: Batched<VisibilityChange>;
  readonly publications: Batched<AssetEvent>;
  readonly stop$: Observable<unknown>;
  readonly limits: {
    readonly queueBatchMessagesMax: number;
    readonly pollHoldMs: number;
    readonly lockTtlMs: number;
    readonly stageCallsMax: number;
    readonly stageBackoffBaseMs: number;
    readonly stageBackoffCapMs: number;
  };
}

/**
 * The stages over real ports: promises become observables here, and here is the one layer that retries, at most
 * `stageCallsMax` calls per stage and claim. An analysis is not repeated within a claim: its attempt is.
 */
export function liveStages(deps: LiveStagesDeps): Stages {
  const { app, queue, objects, lock, ids, ledger, keeper, removals, delays, publications, limits } =
    deps;
  const {
    claimAsset,
    analyseSource,
    renewLease,
    releaseAsset,
    commitEnding,
    clearEvent,
    removeStale,
  } = app.commands;
  const retried = <T>(): MonoTypeOperatorFunction<T> => transientRetried(limits, ids);

  return {
    poll: () =>
      creditSource<QueueMessage>((demand, signal) => queue.consume(demand, signal), ledger, {
        batchMax: limits.queueBatchMessagesMax,
        stop$: deps.stop$,
        holdMs: limits.pollHoldMs,
        received: (elapsedMs) => deps.prefetch.received(elapsedMs),
      }).pipe(tap((message) => keeper.keep(message))),
    inspect: ({ key }) =>
      fromAbortable((signal) => objects.head(key, signal)).pipe(
        retried(),
        map((head) => head !== null),
      ),
    lock: (job) => fromAbortable(() => lock.acquire(assetName(job.command), limits.lockTtlMs)),
    unlock: (held) => fromAbortable(() => held.release()),
    claim: (job, takeOver) =>
      defer(() => {
        const options = { claimId: ids.uuid(), takeOver };
        return fromAbortable((signal) => claimAsset(job.command, options, signal)).pipe(retried());
      }),
    analyse: (claimed) => fromAbortable((signal) => analyseSource(claimed, signal)),
    beat: ({ asset }, held) =>
      fromAbortable((signal) => renewLease(asset, signal)).pipe(
        retried(),
        concatMap(() => (held ? fromAbortable(() => held.extend(limits.lockTtlMs)) : of(true))),
      ),
    release: (asset, reason) =>
      fromAbortable((signal) => releaseAsset(asset, reason, signal)).pipe(retried()),
    persist: (asset, ending) =>
      fromAbortable((signal) => commitEnding(asset, ending, signal)).pipe(retried()),
    publish: (asset) =>
      asset.event ? publications.submit(toAssetEvent(asset, asset.event)) : of(true),
    clear: (asset) => fromAbortable((signal) => clearEvent(asset, signal)).pipe(retried()),
    tidy: (asset) => fromAbortable((signal) => removeStale(asset, signal)),
    remove: (message) => removals.submit(message).pipe(finalize(() => keeper.letGo(message))),
    delay: (message, seconds) => {
      keeper.letGo(message);
      return delays.submit({ message, seconds });
    },
    bury: (message, reason) =>
      fromAbortable((signal) => queue.deadLetter(message, reason, signal)).pipe(
        retried(),
        map(() => true),
      ),
    leave: (message) => {
      keeper.letGo(message);
      return of(true);
    },
  };
}

function transientRetried<T>(
  limits: LiveStagesDeps['limits'],
  ids: Ids,
): MonoTypeOperatorFunction<T> {
  return retryBackoff({
    callsMax: limits.stageCallsMax,
    baseMs: limits.stageBackoffBaseMs,
    capMs: limits.stageBackoffCapMs,
    random: () => ids.random(),
    isRetryable: (error) => toForgeError(error).kind === 'transient',
  });
}
