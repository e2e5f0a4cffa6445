import type { EpochMs } from '#domain/time.ts';
import type { QueueMessage } from './queue.ts';

/** Why a message was buried, as whoever buried it said. */
export interface BurialReason {
  readonly code: string;
  readonly detail: string;
  /** Of the message that was buried: the dead letter is a copy with an id of its own. */
  readonly sourceMessageId: string;
}

/** A dead letter as received. Its attributes are the sender's alone, as the work queue would have them again. */
export interface DeadLetter extends QueueMessage {
  readonly sentAt: EpochMs;
  /** Null where nobody said: the queue itself gave the message up, because it was received too often. */
  readonly reason: BurialReason | null;
}

/**
 * The dead-letter queue, for people who look into it. Messages get there by `Queue.deadLetter`, and by the work queue itself.
 *
 * Visibility: it cannot be looked at without being received from. What was received hides from everybody for a time that is
 * long enough for one pass, and is seen again when that ends or when it is given back, which whoever looks owes to the next.
 * Delivery: at least once; a letter may come again though it was neither given back nor its time over. Ordering: none.
 * Every look counts as a receive. Batches: results are positional, one per entry, true where the service took it. An empty
 * batch is no call.
 * Cancellation: an aborted call rejects; a `receive` that is open is waited for, which takes about a second at most, because
 * what was on its way would hide for its whole time.
 * Errors: ForgeError `QUEUE_UNAVAILABLE`, `ACCESS_DENIED` (transient).
 */
export interface DeadLetters {
  /** How many there are, hidden ones included. Approximate: it lags behind by up to a minute. */
  count(signal?: AbortSignal): Promise<number>;
  /** Up to ten that are visible. None: there is none but those that hide. */
  receive(signal?: AbortSignal): Promise<readonly DeadLetter[]>;
  /** At most ten, seen again from now on. */
  giveBack(letters: readonly DeadLetter[], signal?: AbortSignal): Promise<readonly boolean[]>;
  /** At most ten, gone for ever. */
  remove(letters: readonly DeadLetter[], signal?: AbortSignal): Promise<readonly boolean[]>;
}
