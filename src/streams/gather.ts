import { concatMap, defer, EMPTY, type MonoTypeOperatorFunction, type Observable, of } from 'rxjs';
import type { QueueMessage } from '#ports/queue.ts';
import type { Done } from './job.ts';
import { type Outcome, worstOf } from './outcome.ts';

/**
 * One outcome per message, once the last of its parts is done: the worst of them.
 *
 *     parts     -a1--b---a2-|        a has two parts, b has one
 *     result    -----b---a--|
 */
export function gather(): MonoTypeOperatorFunction<Done> {
  return (parts$: Observable<Done>) =>
    defer(() => {
      const open = new Map<QueueMessage, Outcome[]>();
      return parts$.pipe(
        concatMap(({ message, parts, outcome }) => {
          const outcomes = [...(open.get(message) ?? []), outcome];
          if (outcomes.length < parts) {
            open.set(message, outcomes);
            return EMPTY;
          }
          open.delete(message);
          return of({ message, parts, outcome: worstOf(outcomes) });
        }),
      );
    });
}
