import type { Asset } from '#domain/asset.ts';
import { assetName } from '#domain/keys.ts';
import type { EpochMs } from '#domain/time.ts';
import { table } from '#main/table.ts';
import type { DeadLetter } from '#ports/dead-letters.ts';
import { contentsOf } from './letter-contents.ts';

/** Why a letter is one that nobody buried: a queue gives a message up without a word. */
const UNEXPLAINED = 'received too often';

/** What of a detail fits into a table; `show` has all of it. */
const DETAIL_CHARS_MAX = 80;

/** The letters, for a person. */
export function listText(letters: readonly DeadLetter[], now: EpochMs): string {
  const rows = letters.map((letter) => [
    letter.id,
    ageText(now - letter.sentAt),
    letter.reason?.code ?? '–',
    shortened(detailOf(letter)),
    assetsText(letter),
    String(letter.receiveCount),
  ]);
  return table([['ID', 'AGE', 'REASON', 'DETAIL', 'ASSET', 'RECEIVED'], ...rows]);
}

/** A letter without its body, for a program. */
export function letterJson(letter: DeadLetter, now: EpochMs) {
  const { id, sentAt, receiveCount, reason } = letter;
  return {
    id,
    sentAt: new Date(sentAt).toISOString(),
    ageSeconds: Math.max(0, Math.round((now - sentAt) / 1000)),
    code: reason?.code ?? null,
    detail: detailOf(letter),
    assets: contentsOf(letter).assets,
    receiveCount,
    sourceMessageId: reason?.sourceMessageId ?? null,
  };
}

/** The assets a letter is about, in a cell. */
export function assetsText(letter: DeadLetter): string {
  const [first, ...more] = contentsOf(letter).assets.map(assetName);
  if (first === undefined) return '–';
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

/** All of a letter, for a person, and the rows of its assets that there are. */
export function letterText(letter: DeadLetter, rows: readonly Asset[], now: EpochMs): string {
  const { id, sentAt, receiveCount, reason, attributes, body } = letter;
  const facts: readonly (readonly [string, string])[] = [
    ['id', id],
    ['sent', `${new Date(sentAt).toISOString()}, ${ageText(now - sentAt)} ago`],
    ['received', `${receiveCount} times, this look included`],
    ['reason', reason ? `${reason.code}: ${reason.detail}` : UNEXPLAINED],
    ...(reason ? [['was message', reason.sourceMessageId] as const] : []),
    ['assets', contentsOf(letter).assets.map(assetName).join(', ') || '–'],
    ...Object.entries(attributes).map(([name, value]) => [`attribute ${name}`, value] as const),
  ];
  const sections = [factsText(facts), bodyText(body), ...rows.map(rowText)];
  return sections.join('\n\n');
}

/** What of an asset's row says why its letter is here. */
export function rowJson({
  tenant,
  assetId,
  status,
  generation,
  attempts,
  lastError,
  failure,
  history,
}: Asset) {
  return { tenant, assetId, status, generation, attempts, lastError, failure, history };
}

function rowText(asset: Asset): string {
  const { status, generation, attempts, lastError, failure, history } = asset;
  const facts: readonly (readonly [string, string])[] = [
    ['asset', assetName(asset)],
    ['status', `${status}, generation ${generation}, ${attempts} attempts`],
    ...(failure ? [['failure', `${failure.code}: ${failure.detail}`] as const] : []),
    ...(lastError === undefined ? [] : [['last error', lastError] as const]),
  ];
  const steps = history.map((entry) => [
    new Date(entry.at).toISOString(),
    entry.step,
    entry.status,
    String(entry.generation),
    entry.code ?? '',
  ]);
  return `${factsText(facts)}\n\n${table([['AT', 'STEP', 'STATUS', 'GENERATION', 'CODE'], ...steps])}`;
}

function factsText(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(...facts.map(([name]) => escaped(name).length));
  return facts.map(([name, text]) => `${escaped(name).padEnd(width)}  ${escaped(text)}`).join('\n');
}

/** The body, laid out if it is JSON. */
function bodyText(body: string): string {
  return laidOut(body)
    .split('\n')
    .map((line) => escaped(line))
    .join('\n');
}

function laidOut(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    // Not JSON, or so deep that it cannot be laid out: as it is.
    return body;
  }
}

/** Everything that could move a cursor or turn words around, by its number: whoever looks for a fault wants to see it. */
function escaped(text: string): string {
  return text.replaceAll(/\p{C}/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

const detailOf = ({ reason }: DeadLetter): string => reason?.detail ?? UNEXPLAINED;

function shortened(text: string): string {
  const chars = [...text];
  return chars.length > DETAIL_CHARS_MAX
    ? `${chars.slice(0, DETAIL_CHARS_MAX - 1).join('')}…`
    : text;
}

/** How long ago, in the largest unit of which there are two. */
function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const;
  const [unit, length] = units.find(([, each]) => seconds >= 2 * each) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}
