import type { AssetEvent } from '#domain/events.ts';
import type { Queue, QueueMessage } from '#ports/queue.ts';

/** What a subscriber of the topic has received. */
export interface EventInbox {
  /** The event of an asset, as soon as it is there; null when it does not come in time. */
  waitFor(assetId: string, timeoutMs: number): Promise<AssetEvent | null>;
  close(): Promise<void>;
}

/** Subscribes to the topic through its queue, as any consumer would, and dedupes by keeping one event per asset. */
export function openInbox(queue: Queue, batchMax: number): EventInbox {
  const events = new Map<string, AssetEvent>();
  const waiting = new Map<string, (event: AssetEvent) => void>();
  const leave = new AbortController();
  const receive = (messages: readonly QueueMessage[]): void => {
    for (const event of messages.flatMap(openEnvelope)) {
      events.set(event.assetId, event);
      waiting.get(event.assetId)?.(event);
    }
    if (messages.length > 0) void queue.remove(messages).catch(() => {});
  };
  const consumed = queue.consume({ ask: async () => batchMax, deliver: receive }, leave.signal);
  return {
    waitFor: (assetId, timeoutMs) => {
      const event = events.get(assetId);
      if (event) return Promise.resolve(event);
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(null), timeoutMs);
        waiting.set(assetId, (arrived) => {
          clearTimeout(timer);
          resolve(arrived);
        });
      });
    },
    close: () => {
      leave.abort();
      return consumed;
    },
  };
}

/** SNS puts the message as text into an envelope. What is none of ours is passed over. */
function openEnvelope({ body }: QueueMessage): readonly AssetEvent[] {
  try {
    const { Message } = JSON.parse(body) as { readonly Message: string };
    return [JSON.parse(Message) as AssetEvent];
  } catch {
    return [];
  }
}
