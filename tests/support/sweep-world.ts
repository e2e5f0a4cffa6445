import { vi } from 'vitest';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { sweeperApp } from '#app/app.ts';
import type { Finding } from '#app/commands/sweep-asset.ts';
import { ForgeError } from '#domain/errors.ts';
import type { AssetEvent } from '#domain/events.ts';
import { KEY } from './an-asset.ts';
import { APP_LIMITS, appWorld } from './app-world.ts';

export const SWEEP_LIMITS = {
  sweepDeferMs: APP_LIMITS.sweepDeferMs,
  sweepDeferMsMax: 12 * APP_LIMITS.sweepDeferMs,
  outboxDueMs: APP_LIMITS.outboxDueMs,
};

/** Attempts an asset has in this world. */
export const ATTEMPTS_MAX = 5;

/** A bus that takes what comes, unless a test says otherwise. */
class FickleBus extends MemoryEventBus {
  mood: 'takes' | 'refuses' | 'is out' = 'takes';

  override async publish(events: readonly AssetEvent[], signal?: AbortSignal) {
    if (this.mood === 'is out') {
      throw new ForgeError('EVENT_BUS_UNAVAILABLE', 'transient', 'no answer');
    }
    return this.mood === 'refuses' ? events.map(() => false) : super.publish(events, signal);
  }
}

/** The world of {@link appWorld} with a sweeper in it; time has come far enough for every row to be due. */
export function sweepWorld() {
  const world = appWorld();
  const events = new FickleBus();
  const app = sweeperApp({
    ...world,
    events,
    attemptsMax: () => ATTEMPTS_MAX,
    limits: SWEEP_LIMITS,
  });
  world.clock.advance(10_000_000);
  return {
    ...world,
    events,
    app,

    /** One look at the asset of {@link KEY}. */
    sweep: (signal?: AbortSignal): Promise<Finding> => app.commands.sweepAsset(KEY, signal),

    /** Lets something happen between the next read of the row and whatever is done about it. */
    afterNextRead(happens: () => unknown): void {
      const get = world.assets.get.bind(world.assets);
      vi.spyOn(world.assets, 'get').mockImplementationOnce(async (key, signal) => {
        const row = await get(key, signal);
        await happens();
        return row;
      });
    },
  };
}
