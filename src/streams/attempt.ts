import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  mergeMap,
  NEVER,
  type Observable,
  race,
  switchMap,
  tap,
  throwError,
  timeout,
  timer,
} from 'rxjs';
import type { Claimed } from '#app/commands/claim-asset.ts';
import type { Asset, AssetResult } from '#domain/asset.ts';
import { ForgeError, toForgeError } from '#domain/errors.ts';
import type { Bulkhead, Place, Waiting } from '#operators/bulkhead.ts';
import { heartbeat } from '#operators/heartbeat.ts';
import type { Slot } from '#operators/merge-map-by-key.ts';
import type { HeldLock } from '#ports/lock.ts';
import type { Stages } from './stages.ts';

/** What one attempt may take, and when it has to give up. */
export interface AttemptOptions {
  readonly heartbeatMs: number;
  /** From the begin of the analysis; what takes longer is tried again. */
  readonly jobDeadlineMs: number;
  /** A message can be kept hidden no longer, so a job that needs more can never end well. */
  readonly messageHoldMsMax: number;
  /** Emits, to late subscribers too, when running work has to be given back at once. Completing means never. */
  readonly abort$: Observable<unknown>;
  /** Whether the worker is going down: what has not begun is given back. */
  readonly draining: () => boolean;
  /** Whether the work on an asset is heavy, so that only so much of it may go on at once. */
  readonly isHeavy: (asset: Asset) => boolean;
}

/** Who works on one job: its lock, its slot, and the place it needs if its work is heavy. */
export interface AttemptSeat {
  readonly lock: HeldLock | null;
  readonly slot: Slot;
  readonly heavy: Bulkhead;
}

/**
 * The strategy's work under its lease, its deadline and the drain. Heavy work waits for its place first, and leaves its slot
 * to others meanwhile; the lease is kept all the time.
 */
export function attempt(
  stages: Pick<Stages, 'analyse' | 'beat'>,
  options: AttemptOptions,
  claimed: Claimed,
  { lock, slot, heavy }: AttemptSeat,
): Observable<AssetResult> {
  const { jobDeadlineMs, messageHoldMsMax } = options;
  const late = (): Observable<never> =>
    fails(new ForgeError('JOB_TIMEOUT', 'transient', `not done after ${jobDeadlineMs} ms`));
  const analysis$ = defer(() => stages.analyse(claimed)).pipe(
    timeout({ first: jobDeadlineMs, with: late }),
  );
  const { tenant } = claimed.asset;
  const work$ = options.isHeavy(claimed.asset)
    ? inPlace(heavy, slot, { group: tenant }, () =>
        options.draining() ? fails(goingDown()) : analysis$,
      )
    : analysis$;
  const aborted$ = concat(options.abort$, NEVER).pipe(switchMap(() => fails(goingDown())));
  const capped$ = timer(messageHoldMsMax).pipe(
    switchMap(() =>
      fails(
        new ForgeError(
          'JOB_TOO_LONG',
          'permanent',
          `not done after ${messageHoldMsMax} ms, and a message can be kept no longer`,
        ),
      ),
    ),
  );
  /** One lost beat may be followed by a good one before the lease lapses: only a lost token ends the work. */
  const beat = (): Observable<unknown> =>
    stages
      .beat(claimed, lock)
      .pipe(
        catchError((error: unknown) =>
          toForgeError(error).kind === 'conflict' ? fails(error) : EMPTY,
        ),
      );
  return race(work$.pipe(heartbeat(options.heartbeatMs, beat)), aborted$, capped$);
}

/** Works in a place of the bulkhead. Whoever has to wait for one leaves its slot to others meanwhile. */
export function inPlace<T>(
  bulkhead: Bulkhead,
  slot: Slot,
  who: Waiting,
  work: () => Observable<T>,
): Observable<T> {
  return defer(() => {
    let place: Place | undefined;
    const taken$ = bulkhead.place(who).pipe(
      tap((mine) => {
        place = mine;
      }),
    );
    return slot.stepAside(taken$).pipe(
      mergeMap(work),
      finalize(() => place?.leave()),
    );
  });
}

const fails = (error: unknown): Observable<never> => throwError(() => error);
const goingDown = (): ForgeError =>
  new ForgeError('ABORTED', 'transient', 'the worker is going down');
