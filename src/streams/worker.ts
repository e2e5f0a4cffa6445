import { concat, EMPTY, ignoreElements, mergeMap, type Observable, of, tap } from 'rxjs';
import { assetName } from '#domain/keys.ts';
import { Bulkhead } from '#operators/bulkhead.ts';
import type { CreditLedger } from '#operators/credit-ledger.ts';
import { mergeMapByKey, type Slot } from '#operators/merge-map-by-key.ts';
import { decode } from './decode.ts';
import { dedupeLock } from './dedupe-lock.ts';
import { gather } from './gather.ts';
import { inspectForeign } from './inspect.ts';
import type { Done } from './job.ts';
import type { Lanes } from './lanes.ts';
import { busySeconds, type Outcome } from './outcome.ts';
import { type LockedJob, type ProcessOptions, processJob } from './process.ts';
import { type Settlement, settle } from './settle.ts';
import type { Stages } from './stages.ts';
import { unlessDone } from './unless-done.ts';

/** How much at once, and until when. */
export interface WorkerOptions extends ProcessOptions {
  /** Assets worked on at once. */
  readonly lanes: Lanes;
  /** Counts what is in hand, so that `poll` receives no more than there is room for. */
  readonly ledger: CreditLedger;
}

/**
 * The worker: the life of every message, from the queue and back to it.
 *
 * poll → decode → dedupe lock → bounded, one at a time per asset: claim → strategy → persist → publish → settle.
 *
 * It completes when `poll` has and the last message is settled. It errors only for a bug.
 */
export function worker(stages: Stages, options: WorkerOptions): Observable<Settlement> {
  const { lanes } = options;
  let waiting = (): number => 0;
  const heavy = new Bulkhead(() => lanes.heavyMax(waiting()));
  const process = processJob(stages, options, heavy);
  const work = (job: LockedJob, slot: Slot): Observable<Done> => {
    waiting = slot.waiting;
    return process(job, slot).pipe(mergeMap((outcome) => finish(job, outcome)));
  };
  const overflow = (job: LockedJob): Observable<Done> =>
    finish(job, {
      kind: 'busy',
      afterSeconds: busySeconds(options.retry, job.message.receiveCount),
    });
  const finish = (job: LockedJob, outcome: Outcome): Observable<Done> =>
    concat(
      of({ ...job, outcome }),
      job.lock ? stages.unlock(job.lock).pipe(ignoreElements()) : EMPTY,
    );

  return stages.poll().pipe(
    mergeMap(decode),
    inspectForeign(stages, options.retry),
    unlessDone(dedupeLock(stages, options.retry)),
    unlessDone(
      mergeMapByKey((job: LockedJob) => assetName(job.command), work, {
        // Who goes down begins nothing any more: whatever waits may come, and is given back.
        limit: () => (options.draining() ? Number.POSITIVE_INFINITY : lanes.slots(heavy.held)),
        group: (job) => job.command.tenant,
        busy: overflow,
      }),
    ),
    gather(),
    tap(() => options.ledger.release()),
    settle(stages),
  );
}
