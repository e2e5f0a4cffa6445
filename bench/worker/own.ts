import { NEVER } from 'rxjs';
import { SqsQueue } from '#adapters/aws/sqs-queue.ts';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { SystemClock } from '#adapters/node/system-clock.ts';
import { SystemIds } from '#adapters/node/system-ids.ts';
import type { WorkerApp } from '#app/app.ts';
import { LIMITS } from '#config/limits.ts';
import { wireEngine } from '#main/wire-engine.ts';
import type { CreditLedger } from '#operators/credit-ledger.ts';
import type { Lock } from '#ports/lock.ts';
import { aClaimedAsset, aCompletedAsset, aResult } from '../../tests/support/an-asset.ts';
import type { Meter } from './meter.ts';
import type { Bench } from './rivals.ts';
import { stubCall, task } from './task-mix.ts';

const head = { size: 1000, etag: '"etag-1"', contentType: 'video/mp4' };

/** The use cases, each as long as a stub call, in place of DynamoDB and S3. */
function stubApp(meter: Meter, taskMs: number | undefined): WorkerApp {
  return {
    commands: {
      claimAsset: async ({ tenant, assetId }) => {
        meter.started(assetId);
        await stubCall();
        return { kind: 'claimed', asset: aClaimedAsset({ tenant, assetId }), head };
      },
      analyseSource: async ({ asset }) => {
        await task(asset.assetId, taskMs);
        return aResult();
      },
      commitEnding: async ({ tenant, assetId }) => {
        await stubCall();
        meter.finished(assetId);
        const { event: _, ...published } = aCompletedAsset({ tenant, assetId });
        return published;
      },
      renewLease: async () => undefined,
      releaseAsset: async () => undefined,
      clearEvent: async () => undefined,
    },
  };
}

const stubLock: Lock = {
  acquire: async () => {
    await stubCall();
    return { extend: async () => true, release: async () => undefined };
  },
};

const quiet = () => undefined;

/** The streams of this worker as `npm run worker` wires them, real batches and all, over stub use cases. */
export function streamforge(
  { sqs, queueUrl, slots }: Bench,
  ledger: CreditLedger,
  meter: Meter,
  taskMs: number | undefined,
): void {
  const queue = new SqsQueue(sqs, {
    queueUrl,
    deadLetterQueueUrl: queueUrl,
    consumers: LIMITS.queueConsumersMax,
    waitSeconds: LIMITS.queueWaitSeconds,
    visibilitySeconds: LIMITS.queueVisibilitySeconds,
    receiveSlackMs: LIMITS.awsReceiveSlackMs,
    backoffBaseMs: LIMITS.pollBackoffBaseMs,
    backoffCapMs: LIMITS.pollBackoffCapMs,
  });
  const deps = {
    app: stubApp(meter, taskMs),
    queue,
    ledger,
    lock: stubLock,
    objects: { head: async () => head },
    events: new MemoryEventBus(),
    clock: new SystemClock(),
    ids: new SystemIds(),
    log: { debug: quiet, info: quiet, warn: console.warn, error: console.error },
  };
  const options = { slots: () => slots, attemptsMax: LIMITS.attemptsMax };
  wireEngine(deps, options, { stop$: NEVER, abort$: NEVER }).subscribe({ error: console.error });
}
