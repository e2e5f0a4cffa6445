import type { SweeperApp } from '#app/app.ts';
import { fromAbortable } from '#operators/from-abortable.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { SweepStages } from './sweeper.ts';

/** The sweeper's stages over real ports. Nothing is retried: the next sweep is the retry. */
export function liveSweep(deps: {
  readonly app: SweeperApp;
  readonly assets: AssetStore;
  readonly clock: Clock;
  readonly limits: { readonly sweepKeysMax: number };
}): SweepStages {
  const { app, assets, clock, limits } = deps;
  return {
    shards: assets.shards,
    due: (shard) =>
      fromAbortable((signal) =>
        assets.due({ shard, dueUntil: clock.now(), keysMax: limits.sweepKeysMax }, signal),
      ),
    sweep: (key) => fromAbortable((signal) => app.commands.sweepAsset(key, signal)),
  };
}
