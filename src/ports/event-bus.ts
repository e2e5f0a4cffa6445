import type { AssetEvent } from '#domain/events.ts';

/**
 * Where events go out. Subscribers filter on the attributes `type`, `tenant`, `status`, `contentType`, `correlationId`
 * and `eventId`.
 *
 * Delivery: at least once, in any order; subscribers dedupe on `eventId`.
 * Batches: at most ten; results are positional, true where the bus took the event.
 * Cancellation: an aborted call rejects soon; whether the events went out is unknown.
 * Errors: ForgeError `EVENT_BUS_UNAVAILABLE` (transient) where the whole call failed.
 */
export interface EventBus {
  publish(events: readonly AssetEvent[], signal?: AbortSignal): Promise<readonly boolean[]>;
}
