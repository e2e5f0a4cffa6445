import type { Asset, Failure } from './asset.ts';
import type { Condition } from './condition.ts';
import type { ThinEvent } from './events.ts';
import type { Change } from './protocol.ts';
import type { EpochMs } from './time.ts';

/** A row as a sweeper read it: its writes apply to that very row, and to none that has moved on. */
export type AsRead = Pick<Asset, 'rev' | 'generation'>;

const revAsRead = ({ rev }: AsRead): Condition => ({ attr: 'rev', eq: rev });

/** Looks again later: a command is on its way, or an event is about to be published. */
export function defer(read: AsRead, a: { readonly at: EpochMs; readonly dueAt: EpochMs }): Change {
  return { step: 'defer', at: a.at, only: { rev: revAsRead(read) }, set: { dueAt: a.dueAt } };
}

/** Ends an asset whose attempts are spent and whose last worker is gone. The token goes up, so a late worker is refused. */
export function fail(
  read: AsRead,
  a: {
    readonly at: EpochMs;
    readonly dueAt: EpochMs;
    readonly attemptsMax: number;
    readonly failure: Failure;
    readonly event: ThinEvent;
  },
): Change {
  return {
    step: 'fail',
    at: a.at,
    only: {
      processing: { attr: 'status', eq: 'PROCESSING' },
      lapsed: { attr: 'leaseUntil', below: a.at },
      spent: { attr: 'attempts', atLeast: a.attemptsMax },
      rev: revAsRead(read),
    },
    set: {
      status: 'FAILED',
      completedAt: a.at,
      failure: a.failure,
      eventId: a.event.eventId,
      event: a.event,
      dueAt: a.dueAt,
    },
    add: { fencingToken: 1 },
    remove: ['leaseUntil', 'result'],
    note: {
      at: a.at,
      step: 'fail',
      status: 'FAILED',
      generation: read.generation,
      code: a.failure.code,
    },
  };
}

/** Gives up on an upload that never came: bytes that come later may still be claimed. It leaves the index. */
export function expire(read: AsRead, a: { readonly at: EpochMs }): Change {
  return {
    step: 'expire',
    at: a.at,
    only: { pending: { attr: 'status', eq: 'PENDING' }, rev: revAsRead(read) },
    set: { status: 'EXPIRED' },
    remove: ['dueAt'],
    note: { at: a.at, step: 'expire', status: 'EXPIRED', generation: read.generation },
  };
}

/** Takes what needs no more looking at out of the index: no bytes came, or those of a cancelled asset are gone. */
export function unlist(read: AsRead, a: { readonly at: EpochMs }): Change {
  return {
    step: 'unlist',
    at: a.at,
    only: { status: { attr: 'status', oneOf: ['EXPIRED', 'CANCELLED'] }, rev: revAsRead(read) },
    remove: ['dueAt'],
  };
}
