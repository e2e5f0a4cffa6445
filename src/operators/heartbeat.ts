import {
  defer,
  exhaustMap,
  ignoreElements,
  interval,
  type MonoTypeOperatorFunction,
  merge,
  type Observable,
  Subject,
  takeUntil,
  tap,
} from 'rxjs';

/**
 * Does something again and again for as long as the source runs, and lets its failure end the source.
 *
 *     source   ---a----------------b|            (everyMs 4)
 *     beat     ----x|      -------x|  x
 *              first at 4, 8 takes long, 12 is skipped, the one at 16 ends with the source
 *     result   ---a----------------b|            or # where a beat fails, and the source is unsubscribed
 *
 * Beats never overlap: what is due while one runs is skipped. Values of a beat are ignored.
 *
 * @param everyMs Between the starts of beats, and before the first, in milliseconds of scheduler time.
 * @param beat One sign of life.
 * @throws What a beat throws, or the source.
 */
export function heartbeat<T>(
  everyMs: number,
  beat: () => Observable<unknown>,
): MonoTypeOperatorFunction<T> {
  return (source) =>
    defer(() => {
      const ended$ = new Subject<void>();
      const beats$ = interval(everyMs).pipe(exhaustMap(beat), ignoreElements(), takeUntil(ended$));
      // Beats first: a source that ends at once must find somebody to tell.
      return merge(beats$, source.pipe(tap({ complete: () => ended$.next() })));
    });
}
