import {
  catchError,
  concat,
  EMPTY,
  map,
  mergeMap,
  NEVER,
  type Observable,
  of,
  race,
  switchMap,
  throwError,
  timeout,
} from 'rxjs';
import type { Claim, Claimed } from '#app/commands/claim-asset.ts';
import type { Asset, Ending } from '#domain/asset.ts';
import { ForgeError, toForgeError } from '#domain/errors.ts';
import { exhausted } from '#domain/exhausted.ts';
import { heartbeat } from '#operators/heartbeat.ts';
import type { HeldLock } from '#ports/lock.ts';
import type { Job } from './job.ts';
import { type Backoff, delaySeconds, type Outcome, outcomeOf } from './outcome.ts';
import type { Stages } from './stages.ts';

/** What a job may take, and when it has to give up. */
export interface ProcessOptions {
  readonly attemptsMax: number;
  readonly heartbeatMs: number;
  readonly jobDeadlineMs: number;
  readonly retry: Backoff;
  /** Emits, to late subscribers too, when running work has to be given back at once. Completing means never. */
  readonly abort$: Observable<unknown>;
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

/**
 * The life of one job after its lock: claim → strategy → persist → publish. Whatever goes wrong becomes an {@link Outcome}
 * here; the result never errors, so a job cannot hurt its neighbours.
 */
export function processJob(
  stages: Stages,
  options: ProcessOptions,
): (job: LockedJob) => Observable<Outcome> {
  const laterSeconds = (job: Job): number => delaySeconds(options.retry, job.message.receiveCount);

  const persistAndPublish = (job: Job, { asset, ending }: Ended): Observable<Outcome> =>
    stages.persist(asset, ending).pipe(
      mergeMap((committed) => publish(job, committed)),
      catchError((error: unknown) => of(outcomeOf(error, true, laterSeconds(job)))),
    );

  /** A failed publish is no failed job: the event waits in the row, and the message comes again to send it. */
  const publish = (job: Job, committed: Asset): Observable<Outcome> =>
    stages.publish(committed).pipe(
      catchError(() => of(false)),
      map((published) =>
        published
          ? { kind: 'done', why: committed.status }
          : { kind: 'retry', afterSeconds: laterSeconds(job), code: 'EVENT_BUS_UNAVAILABLE' },
      ),
    );

  const attempt = (job: LockedJob, claimed: Claimed): Observable<Outcome> =>
    analyse(stages, options, claimed, job.lock).pipe(
      map((result): Ended => ({ asset: claimed.asset, ending: { result } })),
      catchError((error: unknown) => {
        const failed = toForgeError(error);
        return failed.kind === 'permanent'
          ? of(failure(claimed.asset, failed))
          : throwError(() => failed);
      }),
      mergeMap((ended) => persistAndPublish(job, ended)),
      catchError((error: unknown) => giveBack(stages, options, claimed.asset, toForgeError(error))),
    );

  const withClaim = (job: LockedJob, claim: Claim): Observable<Outcome> => {
    switch (claim.kind) {
      case 'claimed':
        return claim.asset.attempts > options.attemptsMax
          ? persistAndPublish(job, spent(claim.asset))
          : attempt(job, claim);
      case 'unpublished':
        return publish(job, claim.asset);
      case 'idle':
        return of({ kind: 'done', why: claim.why });
      // The holder may be done long before its lease ends: soon at first, then less and less often.
      case 'busy':
      case 'again':
        return of({ kind: 'busy', afterSeconds: laterSeconds(job) });
      case 'unknown':
        return of({
          kind: 'dead',
          code: 'UNKNOWN_OBJECT',
          detail: 'no asset knows of this object',
        });
      default:
        return claim satisfies never;
    }
  };

  return (job) =>
    stages.claim(job).pipe(
      mergeMap((claim) => withClaim(job, claim)),
      catchError((error: unknown) => of(outcomeOf(error, false, laterSeconds(job)))),
    );
}

/** The strategy's work under its lease, its deadline and the drain. */
function analyse(stages: Stages, options: ProcessOptions, claimed: Claimed, lock: HeldLock | null) {
  const { heartbeatMs, jobDeadlineMs, abort$ } = options;
  const aborted$ = concat(abort$, NEVER).pipe(
    switchMap(() =>
      throwError(() => new ForgeError('ABORTED', 'transient', 'the worker is going down')),
    ),
  );
  const late = (): Observable<never> =>
    throwError(
      () => new ForgeError('JOB_TIMEOUT', 'transient', `not done after ${jobDeadlineMs} ms`),
    );
  /** One lost beat may be followed by a good one before the lease lapses: only a lost token ends the work. */
  const beat = (): Observable<unknown> =>
    stages
      .beat(claimed, lock)
      .pipe(
        catchError((error: unknown) =>
          toForgeError(error).kind === 'conflict' ? throwError(() => error) : EMPTY,
        ),
      );
  return race(
    stages
      .analyse(claimed)
      .pipe(heartbeat(heartbeatMs, beat), timeout({ first: jobDeadlineMs, with: late })),
    aborted$,
  );
}

/** After a transient error: the claim is given back, and the message comes again. A lost token has nothing to give back. */
function giveBack(
  stages: Stages,
  options: ProcessOptions,
  asset: Asset,
  error: ForgeError,
): Observable<Outcome> {
  if (error.kind === 'conflict') return of({ kind: 'drop', code: error.code });
  const refund = error.code === 'ABORTED';
  const retryAfterSeconds = refund ? 0 : delaySeconds(options.retry, asset.attempts);
  const outcome: Outcome = { kind: 'retry', afterSeconds: retryAfterSeconds, code: error.code };
  return stages.release(asset, { error, retryAfterSeconds, refund }).pipe(
    map(() => outcome),
    catchError(() => of(outcome)),
  );
}

function failure(asset: Asset, { code, message }: ForgeError): Ended {
  return {
    asset,
    ending: { failure: { code, detail: message, stage: 'analyse', retryable: false } },
  };
}

function spent(asset: Asset): Ended {
  return { asset, ending: { failure: exhausted(asset, asset.attempts - 1) } };
}
