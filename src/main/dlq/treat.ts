import { from, lastValueFrom, mergeMap, tap, toArray } from 'rxjs';
import type { RedriveDeadLetter, Redriven } from '#app/commands/redrive-dead-letter.ts';
import { inTens } from '#app/in-tens.ts';
import { type ForgeError, toForgeError } from '#domain/errors.ts';
import { assetName } from '#domain/keys.ts';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import { contentsOf } from './letter-contents.ts';

/** What became of a letter that something was done about: in words, and for a program. */
export interface Treated {
  readonly letter: DeadLetter;
  /** Whether it is a dead letter no more. What failed is still one, and so is what was sent back and could not be removed. */
  readonly isGone: boolean;
  readonly done: string;
  readonly note: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Does it about every letter, and tells of each as soon as it is done. Never rejects: a letter that fails is an answer. */
export type Treat = (
  letters: readonly DeadLetter[],
  onTreated: (treated: Treated) => void,
  signal: AbortSignal,
) => Promise<readonly Treated[]>;

/** Redrives letters, a few at once. */
export function redriving(redrive: RedriveDeadLetter, concurrency: number): Treat {
  const one = async (letter: DeadLetter, signal: AbortSignal): Promise<Treated> => {
    const contents = contentsOf(letter);
    try {
      signal.throwIfAborted();
      return redriven(letter, contents.unreadable, await redrive(letter, contents, signal));
    } catch (error) {
      return failed(letter, toForgeError(error));
    }
  };
  return (letters, onTreated, signal) =>
    lastValueFrom(
      from(letters).pipe(
        mergeMap((letter) => one(letter, signal), concurrency),
        tap(onTreated),
        toArray(),
      ),
    );
}

/** Removes letters for good, in batches. */
export function dropping(port: Pick<DeadLetters, 'remove'>): Treat {
  return async (letters, onTreated, signal) => {
    const all: Treated[] = [];
    await inTens(letters, async (batch) => {
      const some = await port.remove(batch, signal).then(
        (results) => batch.map((letter, at) => dropped(letter, results[at] ?? false)),
        (error: unknown) => batch.map((letter) => failed(letter, toForgeError(error))),
      );
      some.forEach(onTreated);
      all.push(...some);
      return [];
    });
    return all;
  };
}

function redriven(letter: DeadLetter, unreadable: string | null, result: Redriven): Treated {
  const { reopened, sentBack, removed } = result;
  const opened = reopened.map((key) => `${assetName(key)} opened as generation ${key.generation}`);
  const notes = [
    ...(sentBack && unreadable !== null
      ? [`it comes back unless the worker can read it now: ${unreadable}`]
      : []),
    ...(removed ? [] : ['it is still here as well, and may be redriven again']),
  ];
  const note = notes.join('; ');
  return {
    letter,
    isGone: removed,
    done: [...opened, ...(sentBack ? ['sent back'] : [])].join(', '),
    note,
    json: { id: letter.id, redriven: true, removed, reopened, sentBack, note },
  };
}

function dropped(letter: DeadLetter, isGone: boolean): Treated {
  if (isGone) {
    return { letter, isGone, done: 'dropped', note: '', json: { id: letter.id, dropped: true } };
  }
  const note = 'the queue did not remove it';
  return { letter, isGone, done: 'failed', note, json: { id: letter.id, dropped: false, note } };
}

function failed(letter: DeadLetter, { code, message }: ForgeError): Treated {
  const json = { id: letter.id, failed: true, code, detail: message };
  return { letter, isGone: false, done: 'failed', note: `${code}: ${message}`, json };
}
