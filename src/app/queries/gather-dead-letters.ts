import { inTens } from '#app/in-tens.ts';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';

export interface GatherDeadLettersDeps {
  readonly letters: DeadLetters;
  readonly limits: { readonly deadLettersMax: number };
}

/** What to look for. */
export interface Search {
  /** Ids, so that the search ends when all are found; all that is there unless told. */
  readonly ids?: readonly string[] | undefined;
  /** Hears how many were looked at so far. */
  readonly onProgress?: ((lookedAt: number) => void) | undefined;
}

/** What a search holds in its hands: whoever searched gives back what it does not remove. */
export interface Gathered {
  /** What was looked for, the oldest first. */
  readonly found: readonly DeadLetter[];
  /** What was not, and came all the same. */
  readonly others: readonly DeadLetter[];
  /** Whether the search ended at its bound, so that there may be more. */
  readonly isCut: boolean;
}

export type GatherDeadLetters = (search?: Search, signal?: AbortSignal) => Promise<Gathered>;

/**
 * Receives from the dead-letter queue until nothing new comes, or enough has. All that came hides from others meanwhile; a
 * search that fails gives back what it has.
 *
 * @throws ForgeError `QUEUE_UNAVAILABLE` (transient); the signal's reason.
 */
export function gatherDeadLetters({ letters, limits }: GatherDeadLettersDeps): GatherDeadLetters {
  return async ({ ids, onProgress } = {}, signal) => {
    // By id: a letter that comes twice is one letter, and its later receipt is the good one.
    const held = new Map<string, DeadLetter>();
    const isEnough = () =>
      held.size >= limits.deadLettersMax || (ids?.every((id) => held.has(id)) ?? false);
    try {
      while (!isEnough()) {
        const before = held.size;
        for (const letter of await letters.receive(signal)) held.set(letter.id, letter);
        if (held.size === before) break;
        onProgress?.(held.size);
      }
    } catch (error) {
      // That they hide a while longer is no reason to forget what went wrong.
      await inTens([...held.values()], (batch) => letters.giveBack(batch)).catch(() => []);
      throw error;
    }
    const isWanted = ({ id }: DeadLetter) => ids?.includes(id) ?? true;
    const all = [...held.values()].toSorted((a, b) => a.sentAt - b.sentAt);
    return {
      found: all.filter(isWanted),
      others: all.filter((letter) => !isWanted(letter)),
      isCut: held.size >= limits.deadLettersMax,
    };
  };
}
