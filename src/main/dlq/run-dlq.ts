import type { RedriveDeadLetter } from '#app/commands/redrive-dead-letter.ts';
import { inTens } from '#app/in-tens.ts';
import type { GatherDeadLetters, Gathered } from '#app/queries/gather-dead-letters.ts';
import type { Asset } from '#domain/asset.ts';
import { printable } from '#main/printable.ts';
import { table } from '#main/table.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import type { Counter } from './counter.ts';
import { contentsOf } from './letter-contents.ts';
import { assetsText, letterJson, letterText, listText, rowJson } from './letter-text.ts';
import type { DlqOptions } from './options.ts';
import { dropping, redriving, type Treat, type Treated } from './treat.ts';

export interface DlqDeps {
  readonly letters: DeadLetters;
  readonly assets: Pick<AssetStore, 'get'>;
  readonly clock: Clock;
  readonly gather: GatherDeadLetters;
  readonly redrive: RedriveDeadLetter;
  readonly counter: Counter;
  /** To standard output. */
  readonly write: (text: string) => void;
  /** Whatever is no answer: hints, and what went wrong. */
  readonly warn: (line: string) => void;
  readonly limits: {
    readonly deadLetterConcurrency: number;
    readonly deadLetterVisibilitySeconds: number;
  };
}

/**
 * Does what was asked for about the dead letters, and gives back what is still there afterwards.
 *
 * @returns Whether all went well.
 * @throws ForgeError where nothing could be looked at; the signal's reason.
 */
export async function runDlq(
  deps: DlqDeps,
  options: DlqOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { letters, gather, counter, redrive, limits } = deps;
  const total = await letters.count(signal);
  const onProgress = (lookedAt: number) =>
    counter.at(lookedAt, `looked at ${lookedAt} of about ${Math.max(lookedAt, total)}`);
  const gathered = await gather({ ids: options.ids, onProgress }, signal).finally(counter.end);
  await giveBack(deps, gathered.others);
  const allFound = missingTold(deps, gathered, options.ids);
  switch (options.action) {
    case 'list':
      await giveBack(deps, gathered.found);
      list(deps, gathered, options.json, total);
      return true;
    case 'show':
      await giveBack(deps, gathered.found);
      for (const letter of gathered.found) await show(deps, letter, options.json, signal);
      return allFound;
    case 'redrive': {
      const redriveAll = redriving(redrive, limits.deadLetterConcurrency);
      return (await treat(deps, gathered, options.json, redriveAll, signal)) && allFound;
    }
    case 'drop':
      return (await treat(deps, gathered, options.json, dropping(letters), signal)) && allFound;
    default:
      return options.action satisfies never;
  }
}

function list(
  { write, warn, clock }: DlqDeps,
  { found, isCut }: Gathered,
  json: boolean,
  total: number,
): void {
  const now = clock.now();
  if (json) write(found.map((letter) => lineOf(letterJson(letter, now))).join(''));
  else write(`${found.length === 0 ? 'No dead letters.' : listText(found, now)}\n`);
  if (isCut) warn(`There are more: these are ${found.length} of about ${total}.`);
  else if (total > found.length)
    warn(`The queue counts about ${total}: others are in somebody's hands, or its count lags.`);
}

async function show(
  { write, clock, assets }: DlqDeps,
  letter: DeadLetter,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const rows: Asset[] = [];
  for (const key of contentsOf(letter).assets) {
    const row = await assets.get(key, signal);
    if (row) rows.push(row);
  }
  const now = clock.now();
  const { body, attributes } = letter;
  const whole = { ...letterJson(letter, now), attributes, body, rows: rows.map(rowJson) };
  write(json ? lineOf(whole) : `${letterText(letter, rows, now)}\n`);
}

/** Does it about what was found, tells of it, and gives back what is left. */
async function treat(
  deps: DlqDeps,
  { found, isCut }: Gathered,
  json: boolean,
  treatAll: Treat,
  signal: AbortSignal,
): Promise<boolean> {
  const { write, warn, counter } = deps;
  let count = 0;
  const onTreated = (treated: Treated) => {
    count += 1;
    if (json) write(lineOf(treated.json));
    counter.at(count, `done with ${count} of ${found.length}`);
  };
  const all = await treatAll(found, onTreated, signal);
  counter.end();
  const left = all.filter(({ isGone }) => !isGone);
  await giveBack(
    deps,
    left.map(({ letter }) => letter),
  );
  if (!json) write(treatedText(all));
  if (isCut) warn(`There may be more than these ${found.length}: run it again.`);
  return left.length === 0;
}

function treatedText(all: readonly Treated[]): string {
  if (all.length === 0) return 'Nothing to do.\n';
  const rows = all.map(({ letter, done }) => [letter.id, assetsText(letter), done]);
  const notes = all
    .filter(({ note }) => note !== '')
    .map(({ letter, note }) => `${printable(`${letter.id}: ${note}`)}\n`);
  const text = `${table([['ID', 'ASSET', 'DONE'], ...rows])}\n`;
  return notes.length === 0 ? text : `${text}\n${notes.join('')}`;
}

/** Whether every id was found; says which was not. */
function missingTold(
  { warn }: DlqDeps,
  { found, isCut }: Gathered,
  ids: readonly string[] = [],
): boolean {
  const missing = ids.filter((id) => !found.some((letter) => letter.id === id));
  const among = isCut ? ` among the first ${found.length}` : '';
  for (const id of missing)
    warn(printable(`There is no dead letter ${id}${among}, or it is in somebody's hands.`));
  return missing.length === 0;
}

/** What cannot be given back comes back by itself: that it takes longer is worth a word, and no failure. */
async function giveBack(
  { letters, warn, limits }: DlqDeps,
  some: readonly DeadLetter[],
): Promise<void> {
  const results = await inTens(some, (batch) =>
    letters.giveBack(batch).catch(() => batch.map(() => false)),
  );
  const hidden = results.filter((taken) => !taken).length;
  if (hidden > 0) {
    const { deadLetterVisibilitySeconds: seconds } = limits;
    warn(`${hidden} could not be given back: they are seen again within ${seconds} s.`);
  }
}

const lineOf = (value: unknown): string => `${JSON.stringify(value)}\n`;
