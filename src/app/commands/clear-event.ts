import type { Asset } from '#domain/asset.ts';
import { clearOutbox } from '#domain/protocol.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { Log } from '#ports/log.ts';

export interface ClearEventDeps {
  readonly assets: AssetStore;
  readonly clock: Clock;
  readonly log: Log;
}

export type ClearEvent = (asset: Asset, signal?: AbortSignal) => Promise<void>;

/**
 * Forgets the event that waits in a row, once it is published. One that was cleared by another is no error: it was
 * published twice, under one id.
 *
 * @throws ForgeError `STORE_UNAVAILABLE` (transient): the event will be published again, under the same id.
 */
export function clearEvent({ assets, clock, log }: ClearEventDeps): ClearEvent {
  return async (asset, signal) => {
    const { event, tenant, assetId, generation, correlationId } = asset;
    if (!event) return;
    const { eventId, type } = event;
    await assets.write(asset, clearOutbox({ at: clock.now(), eventId }), signal);
    log.info({ tenant, assetId, generation, correlationId, eventId, type }, 'event published');
  };
}
