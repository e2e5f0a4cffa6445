import type { Asset, AssetStatus } from './asset.ts';
import type { Condition } from './condition.ts';
import type { Change } from './protocol.ts';
import type { AsRead } from './sweeping.ts';
import type { EpochMs } from './time.ts';

const pending: Condition = { attr: 'status', eq: 'PENDING' };
const terminal: Condition = { attr: 'status', oneOf: ['COMPLETED', 'FAILED'] };
const noEvent: Condition = { attr: 'event', is: 'absent' };

/** Lets the client send for longer: a part, or the URL anew, is signed. */
export function extend(a: {
  readonly at: EpochMs;
  readonly uploadExpiresAt: EpochMs;
  readonly dueAt: EpochMs;
}): Change {
  return {
    step: 'extend',
    at: a.at,
    only: { pending },
    set: { uploadExpiresAt: a.uploadExpiresAt, dueAt: a.dueAt },
  };
}

/** Calls an upload off. `dueAt` is when no URL is good any more: then bytes that came all the same are removed. */
export function cancel(a: { readonly at: EpochMs; readonly dueAt: EpochMs }): Change {
  return {
    step: 'cancel',
    at: a.at,
    only: { pending, firstGeneration: { attr: 'generation', eq: 1 } },
    set: { status: 'CANCELLED', dueAt: a.dueAt },
    note: { at: a.at, step: 'cancel', status: 'CANCELLED', generation: 1 },
  };
}

/**
 * Opens a new generation on the same source: `retry` after a failure, `reprocess` after a success. Applied twice it opens
 * one. An event that still waits goes out first. What an earlier generation found stays until this one ends.
 */
export function reopen(
  step: 'retry' | 'reprocess',
  read: Pick<Asset, 'generation'>,
  a: { readonly at: EpochMs; readonly dueAt: EpochMs },
): Change {
  const generation = read.generation + 1;
  return {
    step,
    at: a.at,
    only: {
      terminal,
      noEvent,
      notDeleted: { attr: 'deletedAt', is: 'absent' },
      generation: { attr: 'generation', eq: read.generation },
    },
    set: { status: 'PENDING', generation, attempts: 0, dueAt: a.dueAt },
    remove: ['completedAt', 'failure', 'lastError', 'eventId', 'claimId'],
    note: { at: a.at, step, status: 'PENDING', generation },
  };
}

/**
 * Hides an asset until it is purged. `dueAt` is the purge: never before the last URL has expired and the longest job has
 * ended, so that nothing is written behind it.
 */
export function softDelete(
  read: Pick<Asset, 'status' | 'generation'>,
  a: { readonly at: EpochMs; readonly dueAt: EpochMs },
): Change {
  return {
    step: 'delete',
    at: a.at,
    only: {
      finished: { attr: 'status', oneOf: ['COMPLETED', 'FAILED', 'EXPIRED', 'CANCELLED'] },
      noEvent,
    },
    set: { deletedAt: a.at, dueAt: a.dueAt },
    note: { at: a.at, step: 'delete', status: read.status, generation: read.generation },
  };
}

/** Statuses whose bytes may still come: restored, they go back into the index. */
const MAY_GET_BYTES: readonly AssetStatus[] = ['EXPIRED', 'CANCELLED'];

/** Takes a deletion back. `dueAt` is when an asset that never had bytes is looked at again; a finished one never is. */
export function restore(
  read: Pick<Asset, 'status' | 'generation'>,
  a: { readonly at: EpochMs; readonly dueAt: EpochMs },
): Change {
  const relisted = MAY_GET_BYTES.includes(read.status);
  return {
    step: 'restore',
    at: a.at,
    only: {
      deleted: { attr: 'deletedAt', is: 'present' },
      notPurging: { attr: 'purgingAt', is: 'absent' },
      status: { attr: 'status', eq: read.status },
    },
    ...(relisted && { set: { dueAt: a.dueAt } }),
    remove: relisted ? ['deletedAt'] : ['deletedAt', 'dueAt'],
    note: { at: a.at, step: 'restore', status: read.status, generation: read.generation },
  };
}

/** The point of no return: from here on the objects go. The row stays due, so that a crash is followed up. */
export function purge(read: AsRead, a: { readonly at: EpochMs }): Change {
  return {
    step: 'purge',
    at: a.at,
    only: {
      deleted: { attr: 'deletedAt', is: 'present' },
      // Times are whole milliseconds: below the next one is up to this one.
      due: { attr: 'dueAt', below: a.at + 1 },
      rev: { attr: 'rev', eq: read.rev },
    },
    set: { purgingAt: a.at },
  };
}

/**
 * Leaves a tombstone, without data of anybody's, the correlation id that a client may have chosen included: an id is never
 * born again. Its objects are gone by now.
 */
export function bury(read: Pick<Asset, 'generation'>, a: { readonly at: EpochMs }): Change {
  return {
    step: 'bury',
    at: a.at,
    only: { purging: { attr: 'purgingAt', is: 'present' } },
    set: { status: 'PURGED', fileName: '', contentType: '', size: null, correlationId: '' },
    remove: [
      'checksumSha256',
      'clientMetadata',
      'completedAt',
      'dueAt',
      'leaseUntil',
      'claimId',
      'sourceEtag',
      'result',
      'failure',
      'lastError',
      'eventId',
      'event',
      'deletedAt',
      'purgingAt',
    ],
    note: { at: a.at, step: 'bury', status: 'PURGED', generation: read.generation },
  };
}
