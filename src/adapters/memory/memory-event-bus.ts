import assert from 'node:assert/strict';
import type { AssetEvent } from '#domain/events.ts';
import type { EventBus } from '#ports/event-bus.ts';

const BATCH_EVENTS_MAX = 10;

/** Keeps what is published, in order, for whoever wants to look. */
export class MemoryEventBus implements EventBus {
  readonly published: AssetEvent[] = [];

  async publish(events: readonly AssetEvent[], signal?: AbortSignal): Promise<readonly boolean[]> {
    assert(events.length <= BATCH_EVENTS_MAX, 'a batch has at most ten events');
    signal?.throwIfAborted();
    this.published.push(...structuredClone(events));
    return events.map(() => true);
  }
}
