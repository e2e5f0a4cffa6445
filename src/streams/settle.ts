import { catchError, map, mergeMap, type Observable, type OperatorFunction, of } from 'rxjs';
import type { QueueMessage } from '#ports/queue.ts';
import type { Done } from './job.ts';
import type { Outcome } from './outcome.ts';
import type { Stages } from './stages.ts';

/** A message at its end; `settled` is false where the queue did not take it, so that it comes again. */
export interface Settlement {
  readonly message: QueueMessage;
  readonly outcome: Outcome;
  readonly settled: boolean;
}

type SettleStages = Pick<Stages, 'remove' | 'delay' | 'bury' | 'leave'>;

/**
 * Tells the queue what became of each message: deletes it, shows it again later, or buries it first. A message is deleted
 * only after its asset is committed, and one that is dropped is left to whoever holds the asset now.
 */
export function settle(stages: SettleStages): OperatorFunction<Done, Settlement> {
  return mergeMap(({ message, outcome }) =>
    applyOutcome(stages, message, outcome).pipe(
      catchError(() => of(false)),
      mergeMap((taken) => (taken ? of(true) : stages.leave(message).pipe(map(() => false)))),
      map((settled) => ({ message, outcome, settled })),
    ),
  );
}

function applyOutcome(
  stages: SettleStages,
  message: QueueMessage,
  outcome: Outcome,
): Observable<boolean> {
  switch (outcome.kind) {
    case 'done':
      return stages.remove(message);
    case 'retry':
    case 'busy':
      return stages.delay(message, outcome.afterSeconds);
    case 'dead':
      return stages
        .bury(message, outcome)
        .pipe(mergeMap((buried) => (buried ? stages.remove(message) : of(false))));
    case 'drop':
      return stages.leave(message);
    default:
      return outcome satisfies never;
  }
}
