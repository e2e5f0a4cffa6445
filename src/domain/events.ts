import type { Asset, Failure, TerminalStatus } from './asset.ts';
import type { MediaMetadata } from './metadata.ts';

/** Version of the event's shape; a reader sends versions it does not know to its dead-letter queue. */
export const EVENT_SCHEMA_VERSION = 1;

/** The two events there are. */
export type EventType = 'VideoProcessedEvent' | 'VideoFailedEvent';

/** The few facts of a result that subscribers filter and show by; the rest is one GET away. */
export interface EventSummary {
  readonly kind: MediaMetadata['kind'];
  readonly container: string;
  readonly durationSeconds: number | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** The part of an event that is kept in the row until it is published. */
export interface ThinEvent {
  readonly eventId: string;
  readonly type: EventType;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly status: TerminalStatus;
  readonly generation: number;
  readonly summary?: EventSummary;
  readonly failure?: Failure;
}

/** What subscribers receive, as JSON. The same `eventId` however often it is published: dedupe on it. */
export interface AssetEvent extends ThinEvent {
  readonly schemaVersion: typeof EVENT_SCHEMA_VERSION;
  readonly tenant: string;
  readonly assetId: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly size: number | null;
  readonly correlationId: string;
}

/** The name an event id derives from: equal for every publication of one generation's end. */
export function eventName(
  { tenant, assetId, generation }: Pick<Asset, 'tenant' | 'assetId' | 'generation'>,
  status: TerminalStatus,
): string {
  return `${tenant}/${assetId}/${generation}/${status}`;
}

/** The whole event, from the row and the part of it that waited there. */
export function toAssetEvent(asset: Asset, event: ThinEvent): AssetEvent {
  return {
    ...event,
    schemaVersion: EVENT_SCHEMA_VERSION,
    tenant: asset.tenant,
    assetId: asset.assetId,
    fileName: asset.fileName,
    contentType: asset.contentType,
    size: asset.size,
    correlationId: asset.correlationId,
  };
}

/** The summary of a result: display size of the first picture, duration where there is one. */
export function summarise(metadata: MediaMetadata): EventSummary {
  const picture = metadata.kind === 'image' ? metadata.image : metadata.videoTracks[0];
  return {
    kind: metadata.kind,
    container: metadata.container,
    durationSeconds: metadata.kind === 'image' ? null : metadata.durationSeconds,
    width: picture?.displayWidth ?? null,
    height: picture?.displayHeight ?? null,
  };
}
