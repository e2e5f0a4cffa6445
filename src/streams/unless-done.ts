import { connect, filter, merge, type Observable, type OperatorFunction } from 'rxjs';
import { type Done, isDone, type Part } from './job.ts';

/**
 * Lets a stage see only the parts whose outcome is still open; the others overtake it.
 *
 *     source    -a-D-b--|        D is done
 *     result    -A-D-B--|        A, B: what the stage made of a, b
 */
export function unlessDone<T extends Part, R extends Part>(
  stage: OperatorFunction<T, R>,
): OperatorFunction<T | Done, R | Done> {
  return (parts$: Observable<T | Done>) =>
    parts$.pipe(
      connect((all$) =>
        merge(
          all$.pipe(filter(isDone)),
          all$.pipe(
            filter((part): part is T => !isDone(part)),
            stage,
          ),
        ),
      ),
    );
}
