import { NEVER, Subject } from 'rxjs';
import { SqsQueue } from '#adapters/aws/sqs-queue.ts';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { SystemIds } from '#adapters/node/system-ids.ts';
import type { WorkerApp } from '#app/app.ts';
import { type LeaseTimes, leaseTimes } from '#config/lease.ts';
import { LIMITS } from '#config/limits.ts';
import { wireEngine } from '#main/wire-engine.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import type { Lock } from '#ports/lock.ts';
import { aClaimedAsset, aCompletedAsset, aResult } from '../../tests/support/an-asset.ts';
import type { Meter } from './meter.ts';
import type { Bench, Running } from './rivals.ts';
import { stubCall, task } from './task-mix.ts';
import { WORKER_TIMES } from './trial.ts';

/** Light work may take every slot, of which the bulkhead for video would keep some free. */
const contentType = 'image/jpeg';
const head = { size: 1000, etag: '"etag-1"', contentType };
/** Made once: to make rows is no work of a worker's. */
const claimed = aClaimedAsset({ contentType });
const { event: _, ...published } = aCompletedAsset({ contentType });
const result = aResult();

/** The use cases, each as long as a stub call, in place of DynamoDB and S3. */
function stubApp(meter: Meter, taskMs: number | undefined): WorkerApp {
  return {
    commands: {
      claimAsset: async ({ tenant, assetId }) => {
        meter.started(assetId);
        await stubCall();
        return { kind: 'claimed', asset: { ...claimed, tenant, assetId }, head };
      },
      analyseSource: async ({ asset }) => {
        await task(asset.assetId, taskMs);
        return result;
      },
      commitEnding: async ({ tenant, assetId }) => {
        await stubCall();
        meter.finished(assetId);
        return { ...published, tenant, assetId };
      },
      renewLease: async () => undefined,
      releaseAsset: async () => undefined,
      clearEvent: async () => undefined,
      removeStale: async () => 0,
    },
  };
}

const stubLock: Lock = {
  acquire: async () => {
    await stubCall();
    return { extend: async () => true, release: async () => undefined };
  },
};

const well = { admits: 'all' } as const;
const quiet = () => undefined;

/** The streams of this worker, and how many messages they may hold at the moment. */
interface RunningStreams extends Running {
  limit(): number;
}

/**
 * The streams of this worker as `npm run worker` wires them, real batches and all, over stub use cases. Each start is a new
 * engine, as a new process would have.
 */
export function streamforge(
  bench: Bench,
  meter: Meter,
  taskMs: number | undefined,
): RunningStreams {
  let ledger = new CreditLedger(bench.slots);
  let stop = new Subject<void>();
  return {
    start() {
      ledger = new CreditLedger(bench.slots);
      stop = new Subject();
      startEngine(bench, { ledger, app: stubApp(meter, taskMs), stop$: stop });
    },
    stop: () => stop.next(),
    limit: () => ledger.limit,
  };
}

interface Engine {
  readonly ledger: CreditLedger;
  readonly app: WorkerApp;
  readonly stop$: Subject<void>;
}

function startEngine({ sqs, queueUrl, slots, times }: Bench, { ledger, app, stop$ }: Engine): void {
  const deps = {
    app,
    queue: new SqsQueue(sqs, {
      ...times,
      queueUrl,
      deadLetterQueueUrl: queueUrl,
      consumers: LIMITS.queueConsumersMax,
      receiveSlackMs: LIMITS.awsReceiveSlackMs,
      backoffBaseMs: LIMITS.pollBackoffBaseMs,
      backoffCapMs: LIMITS.pollBackoffCapMs,
    }),
    ledger,
    lock: stubLock,
    objects: { head: async () => head },
    events: new MemoryEventBus(),
    circuits: { store: well, objects: well },
    ids: new SystemIds(),
    metrics: { count: quiet, gauge: quiet },
    log: { debug: quiet, info: quiet, warn: console.warn, error: console.error },
  };
  const lease = leaseOf(times.visibilitySeconds);
  const options = { slots: () => slots, attemptsMax: () => LIMITS.attemptsMax, lease };
  wireEngine(deps, options, { stop$, abort$: NEVER }).subscribe({ error: console.error });
}

/** The lease that goes with a visibility, in the proportions of the worker's own. */
function leaseOf(visibilitySeconds: number): LeaseTimes {
  const share = visibilitySeconds / WORKER_TIMES.visibilitySeconds;
  return leaseTimes(Math.round((LIMITS.leaseMs / 1000) * share));
}
