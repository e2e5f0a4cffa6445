import {
  AsyncSubject,
  catchError,
  defer,
  EMPTY,
  expand,
  ignoreElements,
  last,
  map,
  mergeMap,
  type Observable,
  of,
  Subject,
  tap,
  timer,
} from 'rxjs';
import { batchOrLinger } from '#operators/batch-or-linger.ts';

/** How entries are gathered, and how often a batch is sent again for those that were not taken. */
export interface BatchedOptions {
  readonly sizeMax: number;
  /** A function is read as a batch begins. */
  readonly lingerMs: number | (() => number);
  readonly callsMax: number;
  readonly retryDelayMs: number;
}

/** A door to a batch call. `run$` does the work while it is subscribed to, and never emits or errors. */
export interface Batched<T> {
  /** Whether the service took the entry; never errors. Enqueues when called, not when subscribed to. */
  submit(entry: T): Observable<boolean>;
  readonly run$: Observable<never>;
}

interface Waiting<T> {
  readonly entry: T;
  readonly taken$: AsyncSubject<boolean>;
}

/**
 * Makes single calls share batch calls: a batch goes when it is full or its first entry has waited `lingerMs`; several may
 * be under way. Entries that were not taken are sent again, they alone; every entry gets its answer.
 *
 * @param send One batch call; answers by position. Its error stands for "none taken".
 */
export function batched<T>(
  send: (entries: readonly T[]) => Observable<readonly boolean[]>,
  options: BatchedOptions,
): Batched<T> {
  const submitted = new Subject<Waiting<T>>();
  const attempt = (waiting: readonly Waiting<T>[]): Observable<readonly Waiting<T>[]> =>
    defer(() => send(waiting.map(({ entry }) => entry))).pipe(
      catchError(() => of<readonly boolean[]>([])),
      map((taken) => {
        waiting.filter((_, i) => taken[i] === true).forEach(answer(true));
        return waiting.filter((_, i) => taken[i] !== true);
      }),
    );
  const flush = (batch: readonly Waiting<T>[]): Observable<unknown> =>
    attempt(batch).pipe(
      expand((left, call) =>
        left.length === 0 || call + 1 >= options.callsMax
          ? EMPTY
          : timer(options.retryDelayMs).pipe(mergeMap(() => attempt(left))),
      ),
      last(),
      tap((left) => left.forEach(answer(false))),
    );
  return {
    submit(entry) {
      const taken$ = new AsyncSubject<boolean>();
      submitted.next({ entry, taken$ });
      return taken$;
    },
    run$: submitted.pipe(
      batchOrLinger(options.sizeMax, options.lingerMs),
      mergeMap(flush),
      ignoreElements(),
    ),
  };
}

function answer(taken: boolean): (waiting: Waiting<unknown>) => void {
  return ({ taken$ }) => {
    taken$.next(taken);
    taken$.complete();
  };
}
