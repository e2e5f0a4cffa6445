import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  type Observable,
  of,
  retry,
  takeUntil,
  throwError,
} from 'rxjs';
import type { Asset } from '#domain/asset.ts';
import { type ForgeError, toForgeError } from '#domain/errors.ts';
import type { Outage } from './outage.ts';
import { type Backoff, delaySeconds, type Outcome } from './outcome.ts';
import type { Stages } from './stages.ts';

/** When a claim is given back, and at whose expense. */
export interface GiveBackOptions {
  readonly retry: Backoff;
  readonly outage: Outage;
  /** Claims of one asset after which no attempt is given back any more, whoever was at fault: nothing goes on for ever. */
  readonly refundTokensMax: number;
  /** Ends the wait for a store that is out. */
  readonly abort$: Observable<unknown>;
}

/**
 * After a transient error: the claim is given back, and the message comes again. A lost token has nothing to give back.
 *
 * The attempt is given back too where it was not the asset's fault: when the worker goes down, or a dependency is out. A
 * store that is out cannot be told now: it is told when it is back, or else the lease lapses, and looks like a death.
 */
export function giveBack(
  stages: Pick<Stages, 'release'>,
  options: GiveBackOptions,
  asset: Asset,
  error: ForgeError,
): Observable<Outcome> {
  if (error.kind === 'conflict') return of({ kind: 'drop', code: error.code });
  const { outage } = options;
  const aborted = error.code === 'ABORTED';
  let blameless = aborted || outage.isOut(error.code);
  const retryAfterSeconds = aborted ? 0 : delaySeconds(options.retry, asset.attempts);
  const outcome: Outcome = { kind: 'retry', afterSeconds: retryAfterSeconds, code: error.code };
  const untilBack = (failed: unknown): Observable<unknown> => {
    const { code } = toForgeError(failed);
    // Few calls do not tell an outage; those made to give the asset back may.
    blameless ||= outage.isOut(error.code);
    return outage.isOut(code)
      ? outage.back(code).pipe(takeUntil(options.abort$))
      : throwError(() => failed);
  };
  return concat(
    defer(() => {
      const refund = blameless && asset.fencingToken < options.refundTokensMax;
      return stages.release(asset, { error, retryAfterSeconds, refund });
    }).pipe(
      retry({ delay: untilBack }),
      catchError(() => EMPTY),
      ignoreElements(),
    ),
    of(outcome),
  );
}
