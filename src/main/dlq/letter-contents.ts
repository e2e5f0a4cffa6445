import type { Wishes } from '#app/commands/redrive-dead-letter.ts';
import type { DeadLetter } from '#ports/dead-letters.ts';
import { decode } from '#streams/decode.ts';
import { isDone } from '#streams/job.ts';

/** What a worker of this version makes of a letter. */
export interface LetterContents extends Wishes {
  /** Why it would be buried unread, or null. */
  readonly unreadable: string | null;
}

/** Reads a letter as the worker does. */
export function contentsOf(letter: DeadLetter): LetterContents {
  const parts = decode(letter);
  const assets = parts.flatMap((part) => {
    if (!('command' in part)) return [];
    const { tenant, assetId } = part.command;
    return [{ tenant, assetId }];
  });
  const [unreadable = null] = parts.flatMap((part) =>
    isDone(part) && part.outcome.kind === 'dead' ? [part.outcome.detail] : [],
  );
  return { assets, isAll: parts.every((part) => 'command' in part), unreadable };
}
