import { catchError, map, mergeMap, type Observable, type OperatorFunction, of } from 'rxjs';
import type { Done, Foreign, Job } from './job.ts';
import { type Backoff, delaySeconds, type Outcome, outcomeOf } from './outcome.ts';
import type { Stages } from './stages.ts';

/**
 * Finds out about keys that are none of ours: with an object behind it the message is dead, so that somebody looks at it;
 * with none there is nothing to do.
 */
export function inspectForeign(
  stages: Pick<Stages, 'inspect'>,
  retry: Backoff,
): OperatorFunction<Job | Foreign | Done, Job | Done> {
  return mergeMap((part): Observable<Job | Done> => {
    if (!('key' in part)) return of(part);
    return stages.inspect(part).pipe(
      map((exists) => (exists ? unknownObject(part.key) : gone)),
      catchError((error: unknown) =>
        of(outcomeOf(error, delaySeconds(retry, part.message.receiveCount))),
      ),
      map((outcome) => ({ message: part.message, parts: part.parts, outcome })),
    );
  });
}

const gone: Outcome = { kind: 'done', why: 'unknown key, no object' };

function unknownObject(key: string): Outcome {
  return {
    kind: 'dead',
    code: 'UNKNOWN_OBJECT',
    detail: `no asset has the key ${key.slice(0, 200)}`,
  };
}
