import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { EpochMs } from '#domain/time.ts';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import type { OutgoingMessage } from '#ports/queue.ts';

/** How a letter has been looked at so far. It was sent, as far as we know, when it was first seen. */
interface Seen {
  readonly id: string;
  readonly sentAt: EpochMs;
  receipt: string;
  receiveCount: number;
  visibleAt: EpochMs;
}

const BATCH_MESSAGES_MAX = 10;

/** The dead-letter queue of a memory queue: a look into its `deadLetters`, which are taken out where they lie. */
export class MemoryDeadLetters implements DeadLetters {
  readonly #letters: OutgoingMessage[];
  readonly #seen = new WeakMap<OutgoingMessage, Seen>();
  readonly #visibilityMs: number;

  constructor(letters: OutgoingMessage[], options: { readonly visibilitySeconds: number }) {
    this.#letters = letters;
    this.#visibilityMs = options.visibilitySeconds * 1000;
  }

  async count(signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted();
    return this.#letters.length;
  }

  async receive(signal?: AbortSignal): Promise<readonly DeadLetter[]> {
    signal?.throwIfAborted();
    const now = Date.now();
    return this.#letters
      .map((message) => ({ message, seen: this.#look(message, now) }))
      .filter(({ seen }) => seen.visibleAt <= now)
      .slice(0, BATCH_MESSAGES_MAX)
      .map(({ message, seen }) => {
        seen.receipt = randomUUID();
        seen.receiveCount += 1;
        seen.visibleAt = now + this.#visibilityMs;
        return toDeadLetter(message, seen);
      });
  }

  async giveBack(
    letters: readonly DeadLetter[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]> {
    return this.#each(letters, signal, (_, seen) => {
      seen.visibleAt = 0;
    });
  }

  async remove(letters: readonly DeadLetter[], signal?: AbortSignal): Promise<readonly boolean[]> {
    return this.#each(letters, signal, (message) => {
      this.#letters.splice(this.#letters.indexOf(message), 1);
    });
  }

  #each(
    letters: readonly DeadLetter[],
    signal: AbortSignal | undefined,
    act: (message: OutgoingMessage, seen: Seen) => void,
  ): readonly boolean[] {
    assert(letters.length <= BATCH_MESSAGES_MAX, 'a batch has at most ten entries');
    signal?.throwIfAborted();
    return letters.map(({ receipt }) => {
      const message = this.#letters.find((each) => this.#seen.get(each)?.receipt === receipt);
      const seen = message && this.#seen.get(message);
      if (!message || !seen) return false;
      act(message, seen);
      return true;
    });
  }

  #look(message: OutgoingMessage, now: EpochMs): Seen {
    const known = this.#seen.get(message);
    if (known) return known;
    const seen = { id: randomUUID(), sentAt: now, receipt: '', receiveCount: 0, visibleAt: 0 };
    this.#seen.set(message, seen);
    return seen;
  }
}

function toDeadLetter(
  { body, attributes = {} }: OutgoingMessage,
  { id, sentAt, receipt, receiveCount }: Seen,
): DeadLetter {
  const { code, detail = '', sourceMessageId, ...rest } = attributes;
  const isBuried = code !== undefined && sourceMessageId !== undefined;
  return {
    id,
    body,
    receipt,
    receiveCount,
    sentAt,
    attributes: isBuried ? rest : { ...attributes },
    reason: isBuried ? { code, detail, sourceMessageId } : null,
  };
}
