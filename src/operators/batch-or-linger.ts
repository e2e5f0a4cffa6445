import {
  concat,
  defer,
  EMPTY,
  map,
  mergeMap,
  type Observable,
  type OperatorFunction,
  of,
  Subject,
  takeUntil,
  timer,
} from 'rxjs';

/**
 * Gathers values into batches that end when full, or some time after their first value came.
 *
 *     source   -a-b-c---d-----e|                 (sizeMax 3, lingerMs 4)
 *     result   -----x-------y--(z|)              x = [a, b, c], y = [d], z = [e]
 *
 * Unlike `bufferTime`, the clock starts with the first value of a batch, so that no value waits longer than `lingerMs`, and
 * nothing ticks while there is none. Nothing empty is emitted. What is left when the source completes comes at once; when it
 * fails, it is lost with it.
 *
 * @param sizeMax Values in a full batch, >= 1.
 * @param lingerMs The longest a value waits for others, in milliseconds of scheduler time. A function is read as a batch
 * begins.
 */
export function batchOrLinger<T>(
  sizeMax: number,
  lingerMs: number | (() => number),
): OperatorFunction<T, readonly T[]> {
  return (source) =>
    defer(() => {
      let batch: T[] = [];
      const early$ = new Subject<void>();
      const take = (): readonly T[] => {
        const taken = batch;
        batch = [];
        return taken;
      };
      const takeEarly = (): Observable<readonly T[]> => {
        early$.next();
        return of(take());
      };
      const linger = (): Observable<readonly T[]> =>
        timer(typeof lingerMs === 'number' ? lingerMs : lingerMs()).pipe(
          takeUntil(early$),
          map(take),
        );
      const add = (value: T): Observable<readonly T[]> => {
        batch.push(value);
        if (batch.length >= sizeMax) return takeEarly();
        return batch.length === 1 ? linger() : EMPTY;
      };
      const rest = (): Observable<readonly T[]> => (batch.length > 0 ? takeEarly() : EMPTY);
      return concat(source.pipe(map((value) => () => add(value))), of(rest)).pipe(
        mergeMap((step) => step()),
      );
    });
}
