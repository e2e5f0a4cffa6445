import { type Observable, tap } from 'rxjs';
import type { SweeperApp } from '#app/app.ts';
import { toForgeError } from '#domain/errors.ts';
import { fromAbortable } from '#operators/from-abortable.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { Log, LogFields } from '#ports/log.ts';
import type { SweepStages } from './sweeper.ts';

/** The sweeper's stages over real ports. Nothing is retried: the next sweep is the retry. What fails is told here. */
export function liveSweep(deps: {
  readonly app: SweeperApp;
  readonly assets: AssetStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: { readonly sweepKeysMax: number };
}): SweepStages {
  const { app, assets, clock, log, limits } = deps;
  const told = <T>(about: LogFields, look$: Observable<T>): Observable<T> =>
    look$.pipe(
      tap({
        error: (error: unknown) => {
          const { code, message } = toForgeError(error);
          log.warn({ ...about, code, reason: message }, 'sweep failed');
        },
      }),
    );
  return {
    shards: assets.shards,
    due: (shard) =>
      told(
        { shard },
        fromAbortable((signal) =>
          assets.due({ shard, dueUntil: clock.now(), keysMax: limits.sweepKeysMax }, signal),
        ),
      ),
    sweep: (key) =>
      told(
        { tenant: key.tenant, assetId: key.assetId },
        fromAbortable((signal) => app.commands.sweepAsset(key, signal)),
      ),
  };
}
