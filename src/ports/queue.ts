/** A message as received: its receipt is good for this delivery only. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  readonly receipt: string;
  /** How often it was received, this time included. */
  readonly receiveCount: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where demand meets supply: who consumes says how much there is room for, and gets no more. */
export interface Demand {
  /** Resolves with how many messages to receive, 1 to 10, as soon as there is room; rejects when the consumer leaves. */
  ask(): Promise<number>;
  /** Hands over what came of the last ask, none included, so that reserved room is given back. Never throws. */
  deliver(messages: readonly QueueMessage[], asked: number): void;
}

/** A message to send. Attributes travel beside the body. */
export interface OutgoingMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** When a received message shall be seen again. */
export interface VisibilityChange {
  readonly message: QueueMessage;
  /** From now; 0 gives it back at once, 43 200 is SQS's maximum. */
  readonly seconds: number;
}

/**
 * The work queue.
 *
 * Delivery: at least once; a message comes again unless it is deleted before its visibility ends, and may come again even
 * then. Ordering: none.
 * Demand: nothing is received that was not asked for; every ask is followed by one deliver. A receive that fails delivers
 * none, and is tried again with growing, jittered delays, for ever.
 * Cancellation: when the signal aborts, `consume` opens no new receive, waits for the open ones and delivers what they
 * bring, then resolves. `waitSeconds` bounds how long that takes.
 * Batches: results are positional, one per entry, true where the service took it. An empty batch is no call.
 * Errors: ForgeError `QUEUE_UNAVAILABLE` (transient) where the whole call failed; `consume` rejects with nothing.
 */
export interface Queue {
  consume(demand: Demand, signal: AbortSignal): Promise<void>;
  /** At most ten. */
  remove(messages: readonly QueueMessage[], signal?: AbortSignal): Promise<readonly boolean[]>;
  /** At most ten. */
  changeVisibility(
    changes: readonly VisibilityChange[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]>;
  send(message: OutgoingMessage, signal?: AbortSignal): Promise<void>;
  /** Sends a copy to the dead-letter queue, with the reason as an attribute. The original stays until it is removed. */
  deadLetter(
    message: QueueMessage,
    reason: { code: string; detail: string },
    signal?: AbortSignal,
  ): Promise<void>;
}
