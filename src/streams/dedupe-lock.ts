import { map, mergeMap, type OperatorFunction } from 'rxjs';
import type { Done, Job } from './job.ts';
import { type Backoff, busySeconds } from './outcome.ts';
import type { LockedJob } from './process.ts';
import type { Stages } from './stages.ts';

/**
 * Takes the lock of each job's asset before the job waits for a slot. A held lock means that somebody is at it: `busy`.
 * A lock service that is unwell is no reason to wait, because the fencing token in the row is what protects the asset.
 */
export function dedupeLock(
  stages: Pick<Stages, 'lock'>,
  retry: Backoff,
): OperatorFunction<Job, LockedJob | Done> {
  return mergeMap((job) =>
    stages.lock(job).pipe(
      map((acquired): LockedJob | Done => {
        if (acquired === 'held') {
          return {
            ...job,
            outcome: { kind: 'busy', afterSeconds: busySeconds(retry, job.message.receiveCount) },
          };
        }
        return { ...job, lock: acquired === 'unavailable' ? null : acquired };
      }),
    ),
  );
}
