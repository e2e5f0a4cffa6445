import { merge, type Observable, Subject, share, takeUntil, tap } from 'rxjs';
import { createApi } from '#api/create-api.ts';
import { clientApp, workerApp } from '#app/app.ts';
import type { AnalyseSourceDeps } from '#app/commands/analyse-source.ts';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import type { AssetEvent } from '#domain/events.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { fromAbortable } from '#operators/from-abortable.ts';
import type { QueueMessage, VisibilityChange } from '#ports/queue.ts';
import { batched } from '#streams/batched.ts';
import { liveStages } from '#streams/live-stages.ts';
import type { Settlement } from '#streams/settle.ts';
import { visibilityKeeper } from '#streams/visibility-keeper.ts';
import { worker } from '#streams/worker.ts';
import type { Ports } from './ports.ts';

/** The HTTP API over the ports. */
export function wireApi(ports: Ports, env: Env) {
  const { ids, log } = ports;
  return createApi({
    app: clientApp({ ...ports, limits: LIMITS }),
    names: { uuid: () => ids.uuid(), hex: (bytes) => ids.hex(bytes) },
    readiness: ports.readiness,
    apiKeys: env.API_KEYS,
    onError: (fields, message) => log.error(fields, message),
    limits: LIMITS,
  });
}

/** When the worker takes no more (`stop$`), and when it gives back what it has (`abort$`). */
export interface WorkerSignals {
  readonly stop$: Observable<unknown>;
  readonly abort$: Observable<unknown>;
}

/** The worker over the ports: subscribe to it, once. It completes after `stop$`, when the last message is settled. */
export function wireWorker(
  ports: Ports,
  env: Env,
  media: Pick<AnalyseSourceDeps, 'openSource' | 'select'>,
  signals: WorkerSignals,
): Observable<Settlement> {
  const { queue, events, clock, ids, log } = ports;
  const now = (): number => clock.now();
  const batches = {
    sizeMax: LIMITS.queueBatchMessagesMax,
    callsMax: LIMITS.stageCallsMax,
    retryDelayMs: LIMITS.stageBackoffBaseMs,
  };
  const settling = { ...batches, lingerMs: LIMITS.settleLingerMs };
  const removals = batched<QueueMessage>(
    (batch) => fromAbortable((signal) => queue.remove(batch, signal)),
    settling,
  );
  const delays = batched<VisibilityChange>(
    (batch) => fromAbortable((signal) => queue.changeVisibility(batch, signal)),
    settling,
  );
  const publications = batched<AssetEvent>(
    (batch) => fromAbortable((signal) => events.publish(batch, signal)),
    { ...batches, lingerMs: LIMITS.publishLingerMs },
  );
  const visibility = {
    visibilitySeconds: LIMITS.queueVisibilitySeconds,
    everyMs: LIMITS.heartbeatMs,
    now,
  };
  const keeper = visibilityKeeper((change) => delays.submit(change), visibility);

  const ledger = new CreditLedger(env.WORKER_CONCURRENCY);
  let draining = false;
  const stop$ = signals.stop$.pipe(
    tap(() => {
      draining = true;
    }),
    share(),
  );
  const stages = liveStages({
    ...ports,
    app: workerApp({ ...ports, ...media, limits: LIMITS }),
    ledger,
    keeper,
    removals,
    delays,
    publications,
    stop$,
    limits: LIMITS,
  });
  const settled$ = worker(stages, {
    concurrency: () => env.WORKER_CONCURRENCY,
    ledger,
    draining: () => draining,
    abort$: signals.abort$,
    attemptsMax: env.WORKER_ATTEMPTS_MAX,
    heartbeatMs: LIMITS.heartbeatMs,
    jobDeadlineMs: LIMITS.jobDeadlineMs,
    retry: {
      baseSeconds: LIMITS.retryDelayBaseSeconds,
      capSeconds: LIMITS.retryDelayCapSeconds,
      random: () => ids.random(),
    },
    now,
  });
  const finished$ = new Subject<void>();
  const background$ = merge(removals.run$, delays.run$, publications.run$, keeper.run$).pipe(
    takeUntil(finished$),
  );
  // The background first: it has to be there when the first message asks for it.
  return merge(
    background$,
    settled$.pipe(
      tap({
        next: (settlement) => logSettlement(log, settlement),
        complete: () => finished$.next(),
      }),
    ),
  );
}

function logSettlement(log: Ports['log'], { message, outcome, settled }: Settlement): void {
  const fields = { messageId: message.id, receiveCount: message.receiveCount, ...outcome, settled };
  if (outcome.kind === 'done' && settled) log.debug(fields, 'message settled');
  else log.warn(fields, 'message settled');
}
