import type { Asset, AssetStatus, TerminalStatus } from '#domain/asset.ts';
import { eventName, type ThinEvent } from '#domain/events.ts';
import { isTerminal } from '#domain/states.ts';
import type { EpochMs } from '#domain/time.ts';
import { anAsset } from '../support/an-asset.ts';

/** The time of every write. What matters of any other time is on which side of this it is. */
export const NOW: EpochMs = 1_000_000_000;
export const PAST: EpochMs = NOW - 1000;
export const LATER: EpochMs = NOW + 1000;

/** The revision of every row: a sweeper's knowledge is of this one, or of an older one. */
export const REV = 10;

/** The token of a row that was ever claimed. Tokens only grow, so all that matters of another is that it is older. */
export const TOKEN = 2;
export const TOKEN_OLD = 1;

const STATUS_NUMBERS: readonly AssetStatus[] = ['COMPLETED', 'FAILED', 'EXPIRED', 'CANCELLED'];

/** A status that a finished asset may have, as a byte of the state; 0 is none of them. */
export const numberOfStatus = (status: AssetStatus): number => 1 + STATUS_NUMBERS.indexOf(status);
export const statusOf = (number: number): AssetStatus => STATUS_NUMBERS[number - 1] ?? 'PENDING';

/** An event as a byte of the state: 1 and 2 are generation 1's `COMPLETED` and `FAILED`, and so on. 0 is none. */
export const eventNumber = (generation: number, status: TerminalStatus): number =>
  2 * generation - (status === 'COMPLETED' ? 1 : 0);
export const generationOfEvent = (event: number): number => Math.ceil(event / 2);
export const statusOfEvent = (event: number): TerminalStatus =>
  event % 2 === 1 ? 'COMPLETED' : 'FAILED';

export function thinEvent(generation: number, status: TerminalStatus): ThinEvent {
  return {
    eventId: eventName({ ...anAsset(), generation }, status),
    type: status === 'COMPLETED' ? 'VideoProcessedEvent' : 'VideoFailedEvent',
    occurredAt: '2026-01-02T03:04:05.000Z',
    status,
    generation,
  };
}

/** The number of the event that waits in a row; 0 where none does. */
export const waitingEvent = ({ event }: Asset): number =>
  event ? eventNumber(event.generation, event.status) : 0;

export const etagOf = (upload: number): string => `"etag-${upload}"`;
/** The upload whose bytes the row's first claim saw; 0 where there was none. */
export const uploadOf = ({ sourceEtag }: Asset): number => (sourceEtag ? Number(sourceEtag[6]) : 0);

export const isLive = ({ leaseUntil }: Asset): boolean =>
  leaseUntil !== undefined && leaseUntil >= NOW;
export const isDue = ({ dueAt }: Asset): boolean => dueAt !== undefined && dueAt <= NOW;
export const urlIsGood = ({ uploadExpiresAt }: Asset): boolean => uploadExpiresAt > NOW;

/** The row of a fresh upload, as `init` writes it. */
export const freshRow = (): Asset => anAsset({ rev: REV, uploadExpiresAt: LATER, dueAt: LATER });

/** What a canonical row may not forget: a mutant may make something matter that does not matter else. */
export interface Memory {
  readonly attemptsMax: number;
  readonly attempts: boolean;
  readonly tokens: boolean;
}

/** The row without whatever no rule looks at, so that rows with equal futures are equal. */
export function canonical(row: Asset, memory: Memory): Asset {
  const side = (time: EpochMs): EpochMs => (time <= NOW ? PAST : LATER);
  const attempts = isTerminal(row.status) && !memory.attempts ? 0 : row.attempts;
  const { status, generation, leaseUntil, dueAt, sourceEtag, eventId, event } = row;
  return {
    ...freshRow(),
    status,
    generation,
    attempts: Math.min(Math.max(attempts, 0), memory.attemptsMax + 1),
    fencingToken: memory.tokens ? row.fencingToken : row.fencingToken && TOKEN,
    uploadExpiresAt: side(row.uploadExpiresAt),
    leaseUntil: leaseUntil && side(leaseUntil),
    dueAt: dueAt && side(dueAt),
    sourceEtag,
    eventId,
    event,
    claimId: row.claimId && 'some claim',
    deletedAt: row.deletedAt && PAST,
    purgingAt: row.purgingAt && PAST,
    history: [],
  } as Asset;
}

/** Every row that came up, each once: a state names its row by number. Number 0 is no row at all. */
export class Rows {
  readonly #numbers = new Map<string, number>();
  readonly #rows: (Asset | null)[] = [null];
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  numberOf(row: Asset | null): number {
    if (row === null) return 0;
    // Through JSON an attribute that is undefined is absent, as in DynamoDB.
    const text = JSON.stringify(canonical(row, this.#memory));
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#rows.length);
    return this.#rows.push(JSON.parse(text)) - 1;
  }

  at(number: number): Asset | null {
    return this.#rows[number] ?? null;
  }
}

/** Event ids by number. */
export const EVENT_IDS: readonly string[] = Array.from({ length: 7 }, (_, event) =>
  event ? thinEvent(generationOfEvent(event), statusOfEvent(event)).eventId : '',
);
