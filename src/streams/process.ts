import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  mergeMap,
  type Observable,
  of,
  throwError,
} from 'rxjs';
import type { Claim, Claimed } from '#app/commands/claim-asset.ts';
import type { Asset, Ending } from '#domain/asset.ts';
import { type ForgeError, toForgeError } from '#domain/errors.ts';
import { exhausted } from '#domain/exhausted.ts';
import { Bulkhead } from '#operators/bulkhead.ts';
import type { Slot } from '#operators/merge-map-by-key.ts';
import type { HeldLock } from '#ports/lock.ts';
import { type AttemptOptions, attempt, inPlace } from './attempt.ts';
import { type GiveBackOptions, giveBack } from './give-back.ts';
import type { Job } from './job.ts';
import { busySeconds, delaySeconds, type Outcome, outcomeOf } from './outcome.ts';
import type { Stages } from './stages.ts';

/** What a job may take, and when it has to give up. */
export interface ProcessOptions extends AttemptOptions, GiveBackOptions {
  readonly attemptsMax: () => number;
  /** Assets whose last worker died that wait here at once. Others are looked at again later: they would fill the hands. */
  readonly suspectsWaitingMax: () => number;
}

/** A job in hand: its lock, or null where the lock service is unwell and the fencing token has to do. */
export interface LockedJob extends Job {
  readonly lock: HeldLock | null;
}

/** An asset whose attempt has ended, one way or the other, and is still to be written down. */
interface Ended {
  readonly asset: Asset;
  readonly ending: Ending;
}

/** Assets whose last worker died are worked on one by one: the one that kills shall take no other with it. */
const SUSPECTS_MAX = 1;

/**
 * The life of one job after its lock: claim → strategy → persist → publish. Whatever goes wrong becomes an {@link Outcome}
 * here; the result never errors, so a job cannot hurt its neighbours.
 *
 * @param heavy Where heavy work has its places; read again as each job begins.
 */
export function processJob(
  stages: Stages,
  options: ProcessOptions,
  heavy: Bulkhead,
): (job: LockedJob, slot: Slot) => Observable<Outcome> {
  const suspects = new Bulkhead(() => SUSPECTS_MAX);
  const lookAgainSeconds = (job: Job): number =>
    busySeconds(options.retry, job.message.receiveCount);

  const persistAndPublish = ({ asset, ending }: Ended): Observable<Outcome> =>
    stages.persist(asset, ending).pipe(
      mergeMap((committed) => publish(committed)),
      // Whether the commit was applied is unknown. Where it was, there is nothing to give back, and no harm in trying.
      catchError((error: unknown) => giveBack(stages, options, asset, toForgeError(error))),
    );

  /** A failed publish is no failed job: the event waits in the row, and the sweeper sends it. */
  const publish = (committed: Asset): Observable<Outcome> =>
    concat(
      defer(() => stages.publish(committed)).pipe(
        mergeMap((taken) => (taken ? stages.clear(committed) : EMPTY)),
        quietly,
      ),
      committed.fencingToken > 1 ? stages.tidy(committed).pipe(quietly) : EMPTY,
      of<Outcome>({ kind: 'done', why: committed.status }),
    );

  const work = (job: LockedJob, slot: Slot, claimed: Claimed): Observable<Outcome> =>
    attempt(stages, options, claimed, { lock: job.lock, slot, heavy }).pipe(
      map((result): Ended => ({ asset: claimed.asset, ending: { result } })),
      catchError((error: unknown) => {
        const failed = toForgeError(error);
        return failed.kind === 'permanent'
          ? of(failure(claimed.asset, failed))
          : throwError(() => failed);
      }),
      mergeMap(persistAndPublish),
      catchError((error: unknown) => giveBack(stages, options, claimed.asset, toForgeError(error))),
    );

  /** Those that have died the least go first: what kills comes last, when its neighbours are safe. */
  const takeOver = (job: LockedJob, slot: Slot, attempts: number): Observable<Outcome> =>
    suspects.waiting >= options.suspectsWaitingMax()
      ? of({ kind: 'busy', afterSeconds: lookAgainSeconds(job) })
      : inPlace(suspects, slot, { rank: attempts }, () =>
          options.draining()
            ? of(NOT_BEGUN)
            : stages.claim(job, true).pipe(mergeMap((claim) => withClaim(job, slot, claim))),
        );

  const withClaim = (job: LockedJob, slot: Slot, claim: Claim): Observable<Outcome> => {
    switch (claim.kind) {
      case 'claimed':
        return claim.asset.attempts > options.attemptsMax()
          ? persistAndPublish(spent(claim.asset))
          : work(job, slot, claim);
      case 'suspect':
        return takeOver(job, slot, claim.attempts);
      case 'unpublished':
        return publish(claim.asset);
      default:
        return of(withoutWork(claim, lookAgainSeconds(job)));
    }
  };

  return (job, slot) =>
    defer(() => {
      // One less waits for a slot.
      heavy.reread();
      return options.draining()
        ? of(NOT_BEGUN)
        : stages.claim(job, false).pipe(mergeMap((claim) => withClaim(job, slot, claim)));
    }).pipe(
      catchError((error: unknown) =>
        of(outcomeOf(error, delaySeconds(options.retry, job.message.receiveCount))),
      ),
    );
}

/** What becomes of a message where there is nothing to do, or not now. */
function withoutWork(
  claim: Exclude<Claim, { kind: 'claimed' | 'suspect' | 'unpublished' }>,
  afterSeconds: number,
): Outcome {
  switch (claim.kind) {
    case 'idle':
      return { kind: 'done', why: claim.why };
    // The holder may be done long before its lease ends: soon at first, then less and less often.
    case 'busy':
    case 'again':
      return { kind: 'busy', afterSeconds };
    case 'unknown':
      return { kind: 'dead', code: 'UNKNOWN_OBJECT', detail: 'no asset knows of this object' };
    default:
      return claim satisfies never;
  }
}

/** For what is followed up elsewhere when it goes wrong. */
const quietly = (step$: Observable<unknown>): Observable<never> =>
  step$.pipe(
    catchError(() => EMPTY),
    ignoreElements(),
  );

/** What a worker that is going down makes of a job it has not begun. */
const NOT_BEGUN: Outcome = { kind: 'retry', afterSeconds: 0, code: 'ABORTED' };

function failure(asset: Asset, { code, message }: ForgeError): Ended {
  return {
    asset,
    ending: { failure: { code, detail: message, stage: 'analyse', retryable: false } },
  };
}

function spent(asset: Asset): Ended {
  return { asset, ending: { failure: exhausted(asset, asset.attempts - 1) } };
}
