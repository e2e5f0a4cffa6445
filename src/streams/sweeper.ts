import {
  catchError,
  defer,
  exhaustMap,
  map,
  mergeAll,
  mergeMap,
  type Observable,
  of,
  range,
  timer,
} from 'rxjs';
import type { Finding } from '#app/commands/sweep-asset.ts';
import type { AssetKey } from '#domain/asset.ts';

/** What a sweep does to the world; each answers with one value, and may be wrong about what is due. */
export interface SweepStages {
  readonly shards: number;
  due(shard: number): Observable<readonly AssetKey[]>;
  sweep(key: AssetKey): Observable<Finding>;
}

/**
 * One asset that was looked at, or a shard that could not be. `error` is a look that did not come to its end: the next
 * sweep looks again.
 */
export type Swept =
  | { readonly key: AssetKey; readonly finding: Finding | 'error' }
  | { readonly shard: number; readonly finding: 'error' };

/**
 * One pass over the index of unfinished things, shard by shard. Errors stay with the asset or the shard they are about.
 *
 * @param concurrency Assets looked at once.
 */
export function sweepOnce(stages: SweepStages, concurrency: number): Observable<Swept> {
  const look = (key: AssetKey): Observable<Swept> =>
    defer(() => stages.sweep(key)).pipe(
      catchError(() => of('error' as const)),
      map((finding) => ({ key, finding })),
    );
  const ofShard = (shard: number): Observable<Observable<Swept>> =>
    defer(() => stages.due(shard)).pipe(
      mergeMap((keys) => keys.map(look)),
      catchError(() => of(of({ shard, finding: 'error' as const }))),
    );
  return range(0, stages.shards).pipe(mergeMap(ofShard, 1), mergeAll(concurrency));
}

/**
 * Sweeps for ever: the first time after a random part of `everyMs`, so that workers which start together do not sweep
 * together. A sweep that takes longer than `everyMs` is not overtaken.
 */
export function sweeper(
  stages: SweepStages,
  options: {
    readonly everyMs: number;
    readonly concurrency: number;
    readonly random: () => number;
  },
): Observable<Swept> {
  const { everyMs, concurrency, random } = options;
  return defer(() => timer(random() * everyMs, everyMs)).pipe(
    exhaustMap(() => sweepOnce(stages, concurrency)),
  );
}
