import type { Asset, Ending, HistoryEntry } from './asset.ts';
import type { Condition } from './condition.ts';
import type { ThinEvent } from './events.ts';
import type { EpochMs } from './time.ts';

/** The last changes a row remembers of itself. */
export const HISTORY_ENTRIES_MAX = 50;

/** The steps of the protocol: each is one conditional write of one row. */
export type Step =
  | 'claim'
  | 'renew'
  | 'release'
  | 'commit'
  | 'clearOutbox'
  | 'defer'
  | 'fail'
  | 'expire'
  | 'unlist'
  | 'extend'
  | 'cancel'
  | 'retry'
  | 'reprocess'
  | 'delete'
  | 'restore'
  | 'purge'
  | 'bury';

/**
 * One conditional write, as data: `only` says when it applies, the rest what it writes. Every write also does `ADD rev 1`
 * and sets `updatedAt` to `at`; `note` is appended to the history in the same write.
 */
export interface Change {
  readonly step: Step;
  readonly at: EpochMs;
  readonly only: Readonly<Record<string, Condition>>;
  readonly set?: Partial<Asset>;
  readonly setIfAbsent?: Partial<Asset>;
  readonly add?: Partial<Readonly<Record<'fencingToken' | 'attempts', number>>>;
  readonly remove?: readonly (keyof Asset)[];
  readonly note?: HistoryEntry;
}

/** Whose turn it is: a claimed row, as far as a holder's writes look at it. */
export type Held = Pick<Asset, 'generation' | 'fencingToken'>;

const processing: Condition = { attr: 'status', eq: 'PROCESSING' };
const tokenIsMine = ({ fencingToken }: Held): Condition => ({
  attr: 'fencingToken',
  eq: fencingToken,
});

/** A lease that was given back is 0, so it is below this; one that lapsed by itself is not. */
const GIVEN_BACK_BELOW: EpochMs = 1;

/**
 * Takes the asset for one attempt. `claimId` is new per attempt, so that a lost reply is recognised.
 *
 * A lease that lapsed by itself means that a worker died, perhaps of this asset: it is taken over only where `takeOver` says
 * so, by somebody who is ready for that.
 */
export function claim(a: {
  readonly at: EpochMs;
  readonly generation: number;
  readonly claimId: string;
  readonly sourceEtag: string;
  readonly leaseUntil: EpochMs;
  readonly takeOver: boolean;
}): Change {
  return {
    step: 'claim',
    at: a.at,
    only: {
      generation: { attr: 'generation', eq: a.generation },
      status: { attr: 'status', oneOf: ['PENDING', 'EXPIRED', 'PROCESSING'] },
      lapsed: {
        either: [
          { attr: 'status', oneOf: ['PENDING', 'EXPIRED'] },
          { attr: 'leaseUntil', below: a.takeOver ? a.at : GIVEN_BACK_BELOW },
        ],
      },
      notDeleted: { attr: 'deletedAt', is: 'absent' },
    },
    set: {
      status: 'PROCESSING',
      claimId: a.claimId,
      leaseUntil: a.leaseUntil,
      dueAt: a.leaseUntil,
    },
    setIfAbsent: { sourceEtag: a.sourceEtag },
    add: { fencingToken: 1, attempts: 1 },
    note: { at: a.at, step: 'claim', status: 'PROCESSING', generation: a.generation },
  };
}

/** Keeps the lease while the work goes on. */
export function renew(
  held: Held,
  a: { readonly at: EpochMs; readonly leaseUntil: EpochMs },
): Change {
  return {
    step: 'renew',
    at: a.at,
    only: { processing, token: tokenIsMine(held) },
    set: { leaseUntil: a.leaseUntil, dueAt: a.leaseUntil },
  };
}

/**
 * Gives the asset back after a transient error. It takes the token away, so that it applies once.
 * `refund` gives the attempt back too: when draining, or when a dependency is out.
 */
export function release(
  held: Held,
  a: {
    readonly at: EpochMs;
    readonly dueAt: EpochMs;
    readonly lastError: string;
    readonly code: HistoryEntry['code'];
    readonly refund: boolean;
  },
): Change {
  return {
    step: 'release',
    at: a.at,
    only: { processing, token: tokenIsMine(held) },
    set: { leaseUntil: 0, dueAt: a.dueAt, lastError: a.lastError },
    add: a.refund ? { fencingToken: 1, attempts: -1 } : { fencingToken: 1 },
    note: {
      at: a.at,
      step: 'release',
      status: 'PROCESSING',
      generation: held.generation,
      ...(a.code && { code: a.code }),
    },
  };
}

/**
 * Ends the generation. The event is durable in the same write, so it cannot be lost. The row stays due as the lease was, which
 * is soon enough for an event that nobody publishes; moving it would cost two writes of the index for every asset.
 */
export function commit(
  held: Held,
  a: {
    readonly at: EpochMs;
    readonly ending: Ending & { readonly event: ThinEvent };
  },
): Change {
  const { event, ...outcome } = a.ending;
  return {
    step: 'commit',
    at: a.at,
    only: { processing, token: tokenIsMine(held) },
    set: {
      status: event.status,
      completedAt: a.at,
      eventId: event.eventId,
      event,
      ...outcome,
    },
    remove: 'result' in outcome ? ['leaseUntil', 'failure', 'lastError'] : ['leaseUntil', 'result'],
    note: {
      at: a.at,
      step: 'commit',
      status: event.status,
      generation: held.generation,
      ...('failure' in outcome && { code: outcome.failure.code }),
    },
  };
}

/** Forgets the event once it is published; the asset leaves the index of unfinished things. */
export function clearOutbox(a: { readonly at: EpochMs; readonly eventId: string }): Change {
  return {
    step: 'clearOutbox',
    at: a.at,
    only: {
      waiting: { attr: 'event', is: 'present' },
      eventId: { attr: 'eventId', eq: a.eventId },
    },
    remove: ['event', 'dueAt'],
  };
}
