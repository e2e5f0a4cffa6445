import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type {
  Demand,
  OutgoingMessage,
  Queue,
  QueueMessage,
  VisibilityChange,
} from '#ports/queue.ts';

interface Entry {
  readonly id: string;
  readonly message: OutgoingMessage;
  receipt: string;
  receiveCount: number;
  visibleAt: number;
}

/** The bounds of a memory queue, in seconds as SQS has them. */
export interface MemoryQueueOptions {
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
}

const BATCH_MESSAGES_MAX = 10;

/** A queue in a map, with visibility, receive counts and long polls. `deadLetters` is its dead-letter queue. */
export class MemoryQueue implements Queue {
  readonly deadLetters: OutgoingMessage[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #sleepers = new Set<() => void>();
  readonly #waitMs: number;
  readonly #visibilityMs: number;

  constructor({ waitSeconds, visibilitySeconds }: MemoryQueueOptions) {
    this.#waitMs = waitSeconds * 1000;
    this.#visibilityMs = visibilitySeconds * 1000;
  }

  /** How many messages there are, hidden ones included. */
  get size(): number {
    return this.#entries.size;
  }

  async consume(demand: Demand, signal: AbortSignal): Promise<void> {
    for (;;) {
      const asked = await unlessAborted(demand, signal);
      if (asked === null) return;
      demand.deliver(await this.#receive(asked, signal), asked);
    }
  }

  async remove(
    messages: readonly QueueMessage[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]> {
    checkBatch(messages, signal);
    for (const { id, receipt } of messages) {
      if (this.#entries.get(id)?.receipt === receipt) this.#entries.delete(id);
    }
    return messages.map(() => true);
  }

  async changeVisibility(
    changes: readonly VisibilityChange[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]> {
    checkBatch(changes, signal);
    const results = changes.map(({ message, seconds }) => {
      const entry = this.#entries.get(message.id);
      if (entry?.receipt !== message.receipt) return false;
      entry.visibleAt = Date.now() + seconds * 1000;
      return true;
    });
    this.#wake();
    return results;
  }

  async send(message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const id = randomUUID();
    this.#entries.set(id, { id, message, receipt: '', receiveCount: 0, visibleAt: 0 });
    this.#wake();
  }

  async deadLetter(
    { id, body, attributes }: QueueMessage,
    { code, detail }: { code: string; detail: string },
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    this.deadLetters.push({
      body,
      attributes: { ...attributes, code, detail, sourceMessageId: id },
    });
  }

  async #receive(asked: number, signal: AbortSignal): Promise<readonly QueueMessage[]> {
    const until = Date.now() + this.#waitMs;
    for (;;) {
      const taken = this.#take(asked);
      const now = Date.now();
      if (taken.length > 0 || signal.aborted || now >= until) return taken;
      const nextVisibleAt = Math.min(
        until,
        ...[...this.#entries.values()].map(({ visibleAt }) => visibleAt),
      );
      await this.#sleep(Math.max(1, nextVisibleAt - now), signal);
    }
  }

  #take(asked: number): QueueMessage[] {
    const now = Date.now();
    return [...this.#entries.values()]
      .filter(({ visibleAt }) => visibleAt <= now)
      .slice(0, asked)
      .map((entry) => {
        entry.receipt = randomUUID();
        entry.receiveCount += 1;
        entry.visibleAt = now + this.#visibilityMs;
        const { id, receipt, receiveCount, message } = entry;
        return {
          id,
          body: message.body,
          receipt,
          receiveCount,
          attributes: { ...message.attributes },
        };
      });
  }

  /** Until something may have become visible. */
  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#sleepers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#sleepers.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #wake(): void {
    for (const done of [...this.#sleepers]) done();
  }
}

function checkBatch(entries: readonly unknown[], signal: AbortSignal | undefined): void {
  assert(entries.length <= BATCH_MESSAGES_MAX, 'a batch has at most ten entries');
  signal?.throwIfAborted();
}

/** How many messages are asked for; null where the signal aborts or the consumer leaves before it says. */
function unlessAborted(demand: Demand, signal: AbortSignal): Promise<number | null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => {
    const leave = () => resolve(null);
    signal.addEventListener('abort', leave, { once: true });
    demand.ask().then(
      (asked) => {
        signal.removeEventListener('abort', leave);
        // An ask that is answered after the end is refunded: every one is followed by one deliver.
        if (signal.aborted) demand.deliver([], asked);
        resolve(signal.aborted ? null : asked);
      },
      () => {
        signal.removeEventListener('abort', leave);
        resolve(null);
      },
    );
  });
}
