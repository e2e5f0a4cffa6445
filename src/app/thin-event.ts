import type { Asset, Ending } from '#domain/asset.ts';
import { eventName, summarise, type ThinEvent } from '#domain/events.ts';
import type { EpochMs } from '#domain/time.ts';
import type { Ids } from '#ports/ids.ts';

/** The event of an asset's ending: the same id for the same generation and status, whoever writes it and however often. */
export function thinEventOf(asset: Asset, ending: Ending, at: EpochMs, ids: Ids): ThinEvent {
  const occurredAt = new Date(at).toISOString();
  const { generation } = asset;
  if ('result' in ending) {
    const eventId = ids.uuidOf(eventName(asset, 'COMPLETED'));
    const summary = summarise(ending.result.metadata);
    return {
      eventId,
      type: 'VideoProcessedEvent',
      occurredAt,
      status: 'COMPLETED',
      generation,
      summary,
    };
  }
  const eventId = ids.uuidOf(eventName(asset, 'FAILED'));
  return {
    eventId,
    type: 'VideoFailedEvent',
    occurredAt,
    status: 'FAILED',
    generation,
    failure: ending.failure,
  };
}
