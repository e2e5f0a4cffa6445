import {
  EMPTY,
  ignoreElements,
  merge,
  type Observable,
  Subject,
  share,
  takeUntil,
  tap,
} from 'rxjs';
import type { WorkerApp } from '#app/app.ts';
import type { LeaseTimes } from '#config/lease.ts';
import { LIMITS } from '#config/limits.ts';
import type { AssetEvent } from '#domain/events.ts';
import { mediaTypeOf } from '#domain/media-types.ts';
import type { CreditLedger } from '#operators/credit-ledger.ts';
import { fromAbortable } from '#operators/from-abortable.ts';
import { followPrefetch, Prefetch } from '#operators/prefetch.ts';
import type { EventBus } from '#ports/event-bus.ts';
import type { Queue, QueueMessage, VisibilityChange } from '#ports/queue.ts';
import { batched } from '#streams/batched.ts';
import { crashingStages, type StageCrash } from '#streams/crash-points.ts';
import { admittedBy, intakeLimit } from '#streams/intake.ts';
import { lanesOf } from '#streams/lanes.ts';
import { type LiveStagesDeps, liveStages } from '#streams/live-stages.ts';
import { type Circuits, outageOf } from '#streams/outage.ts';
import type { Settlement } from '#streams/settle.ts';
import { visibilityKeeper } from '#streams/visibility-keeper.ts';
import { worker } from '#streams/worker.ts';
import { crash } from './crashing-objects.ts';
import type { Ports } from './ports.ts';
import { tellSettlement } from './tell-settlement.ts';

/** When the worker takes no more (`stop$`), and when it gives back what it has (`abort$`). */
export interface WorkerSignals {
  readonly stop$: Observable<unknown>;
  readonly abort$: Observable<unknown>;
}

/** What the engine runs on: the use cases, and the ports that carry messages. */
export interface EngineDeps
  extends Pick<Ports, 'queue' | 'events' | 'lock' | 'ids' | 'log' | 'metrics'> {
  readonly objects: LiveStagesDeps['objects'];
  readonly app: WorkerApp;
  readonly circuits: Circuits;
  /** Counts what is in hand. Begins with as much room as there are slots. */
  readonly ledger: CreditLedger;
}

/** What people tune. */
export interface EngineOptions {
  readonly slots: () => number;
  readonly attemptsMax: () => number;
  /** For tests, see {@link crashingStages}. */
  readonly crashAt?: StageCrash | undefined;
  readonly lease: LeaseTimes;
  /** Goes on for as long as the worker does. */
  readonly beside$?: Observable<unknown>;
}

/** The streams of the worker with everything that runs beside them: batches, renewals, prefetch. */
export function wireEngine(
  deps: EngineDeps,
  { slots, attemptsMax, crashAt, lease, beside$ = EMPTY }: EngineOptions,
  signals: WorkerSignals,
): Observable<Settlement> {
  const { circuits, ids, ledger } = deps;
  let draining = false;
  const stop$ = signals.stop$.pipe(
    tap(() => {
      draining = true;
    }),
    share(),
  );
  const { removals, delays, publications } = batches(deps, () => draining);
  const keeper = visibilityKeeper((change) => delays.submit(change), {
    visibilitySeconds: lease.queueVisibilitySeconds,
    everyMs: lease.heartbeatMs,
    // Not the time of day: were that set back, messages would be seen again while they are worked on.
    now: () => performance.now(),
  });
  const prefetch = new Prefetch({
    slots,
    holdMs: LIMITS.pollHoldMs,
    waitMsMax: LIMITS.prefetchWaitMsMax,
    memoryMs: LIMITS.prefetchMemoryMs,
  });
  const live = liveStages({
    ...deps,
    prefetch,
    keeper,
    removals,
    delays,
    publications,
    stop$,
    limits: { ...LIMITS, ...lease },
  });
  const stages = crashAt ? crashingStages(live, crashAt, crash) : live;
  const settled$ = worker(stages, {
    ledger,
    draining: () => draining,
    abort$: signals.abort$,
    attemptsMax,
    isHeavy: ({ contentType }) => mediaTypeOf(contentType)?.kind === 'video',
    suspectsWaitingMax: () => Math.max(1, Math.floor(slots() / 2)),
    lanes: lanesOf(slots, LIMITS.lightShare),
    messageHoldMsMax: LIMITS.messageHoldMsMax,
    refundTokensMax: LIMITS.refundTokensMax,
    outage: outageOf(circuits, LIMITS.outageLookMs),
    heartbeatMs: lease.heartbeatMs,
    jobDeadlineMs: LIMITS.jobDeadlineMs,
    retry: {
      baseSeconds: LIMITS.retryDelayBaseSeconds,
      capSeconds: LIMITS.retryDelayCapSeconds,
      leaseSeconds: lease.leaseMs / 1000,
      random: () => ids.random(),
    },
  });
  const finished$ = new Subject<void>();
  const background$ = merge(
    removals.run$,
    delays.run$,
    publications.run$,
    keeper.run$,
    followPrefetch(ledger, prefetch, {
      limit: () => intakeLimit(admittedBy([circuits.store, circuits.objects]), prefetch.limit),
      everyMs: LIMITS.prefetchEveryMs,
    }),
    beside$.pipe(ignoreElements()),
  ).pipe(takeUntil(finished$));
  // The background first: it has to be there when the first message asks for it.
  return merge(
    background$,
    settled$.pipe(
      tap({
        next: tellSettlement(deps),
        complete: () => finished$.next(),
      }),
    ),
  );
}

/** The doors to the batch calls. Who drains waits for nobody to be deleted with. */
function batches(
  { queue, events }: { readonly queue: Queue; readonly events: EventBus },
  draining: () => boolean,
) {
  const common = {
    sizeMax: LIMITS.queueBatchMessagesMax,
    callsMax: LIMITS.stageCallsMax,
    retryDelayMs: LIMITS.stageBackoffBaseMs,
  };
  return {
    removals: batched<QueueMessage>(
      (batch) => fromAbortable((signal) => queue.remove(batch, signal)),
      {
        ...common,
        lingerMs: () => (draining() ? LIMITS.visibilityLingerMs : LIMITS.settleLingerMs),
      },
    ),
    delays: batched<VisibilityChange>(
      (batch) => fromAbortable((signal) => queue.changeVisibility(batch, signal)),
      { ...common, lingerMs: LIMITS.visibilityLingerMs },
    ),
    publications: batched<AssetEvent>(
      (batch) => fromAbortable((signal) => events.publish(batch, signal)),
      { ...common, lingerMs: LIMITS.publishLingerMs },
    ),
  };
}
