import { describe, expect, it } from 'vitest';
import { applyChange } from '#domain/apply-change.ts';
import { ASSET_STATUSES, type Asset, type AssetStatus } from '#domain/asset.ts';
import { bury, cancel, extend, purge, reopen, restore, softDelete } from '#domain/lifecycle.ts';
import { type Change, claim } from '#domain/protocol.ts';
import { aClaimedAsset, aCompletedAsset, aFailure, anAsset, aResult } from '../support/an-asset.ts';
import { T0 } from '../support/fixed-clock.ts';

const AT = T0 + 10_000_000;
const LATER = AT + 600_000;

const { event: _, dueAt: __, ...completed } = aCompletedAsset();
const failed: Asset = { ...completed, status: 'FAILED', failure: aFailure(), lastError: 'x' };
const deleted = (over: Partial<Asset> = {}): Asset => ({
  ...completed,
  deletedAt: T0,
  dueAt: AT,
  ...over,
});
const purging = (over: Partial<Asset> = {}) => deleted({ purgingAt: AT, ...over });

const reopenAt = (read: Asset, step: 'retry' | 'reprocess' = 'retry') =>
  reopen(step, read, { at: AT, dueAt: LATER });
const deleteAt = (read: Asset) => softDelete(read, { at: AT, dueAt: LATER });
const restoreAt = (read: Asset) => restore(read, { at: AT, dueAt: LATER });

/** Each step with a row that it applies to, and the statuses that it applies to. */
const STEPS: readonly [Change['step'], (read: Asset) => Change, Asset, readonly AssetStatus[]][] = [
  [
    'extend',
    () => extend({ at: AT, uploadExpiresAt: LATER, dueAt: LATER + 1 }),
    anAsset(),
    ['PENDING'],
  ],
  ['cancel', () => cancel({ at: AT, dueAt: LATER }), anAsset(), ['PENDING']],
  ['retry', (read) => reopenAt(read), failed, ['COMPLETED', 'FAILED']],
  ['reprocess', (read) => reopenAt(read, 'reprocess'), completed, ['COMPLETED', 'FAILED']],
  ['delete', deleteAt, completed, ['COMPLETED', 'FAILED', 'EXPIRED', 'CANCELLED']],
  ['restore', restoreAt, deleted(), ASSET_STATUSES],
  ['purge', (read) => purge(read, { at: AT }), deleted(), ASSET_STATUSES],
  ['bury', (read) => bury(read, { at: AT }), purging(), ASSET_STATUSES],
];

/** The row after the step, which applies. */
function rowAfter(row: Asset, change: Change): Asset {
  const next = applyChange(row, change);
  if (!next) throw new Error(`${change.step} is refused`);
  return next;
}

describe.each(STEPS)('%s', (name, step, row, statuses) => {
  it('applies, and counts as one write', () => {
    expect(rowAfter(row, step(row))).toMatchObject({ rev: row.rev + 1, updatedAt: AT });
    expect(step(row).step).toBe(name);
  });

  it('applies to the statuses it is for, and to no other', () => {
    const applies = ASSET_STATUSES.filter((status) => {
      const other = { ...row, status };
      return applyChange(other, step(other)) !== null;
    });
    expect(applies).toEqual(statuses);
  });

  it('is data without anything undefined, so that every store can write it', () => {
    const change = step(row);
    expect(JSON.parse(JSON.stringify(change))).toStrictEqual(change);
  });

  it('moves neither the fencing token nor the ETag, so that no late worker is let in', () => {
    const next = rowAfter(row, step(row));
    expect(next.fencingToken).toBe(row.fencingToken);
    expect([row.sourceEtag, undefined]).toContain(next.sourceEtag);
  });
});

describe('extend', () => {
  it('moves when the upload expires and when the sweeper looks, and leaves no note', () => {
    const row = anAsset();
    const change = extend({ at: AT, uploadExpiresAt: LATER, dueAt: LATER + 1 });
    const moved = { uploadExpiresAt: LATER, dueAt: LATER + 1 };
    expect(rowAfter(row, change)).toEqual({ ...row, ...moved, rev: 2, updatedAt: AT });
  });
});

describe('cancel', () => {
  it('stays in the index until bytes that come all the same are removed', () => {
    const row = rowAfter(anAsset(), cancel({ at: AT, dueAt: LATER }));
    expect(row).toMatchObject({ status: 'CANCELLED', dueAt: LATER });
    expect(row.history.at(-1)).toEqual({
      at: AT,
      step: 'cancel',
      status: 'CANCELLED',
      generation: 1,
    });
  });

  it('is refused in a later generation, whose bytes were processed once', () => {
    const row = anAsset({ generation: 2 });
    expect(applyChange(row, cancel({ at: AT, dueAt: LATER }))).toBeNull();
  });
});

describe('reopening', () => {
  it('opens the next generation, with all its attempts, on the same bytes', () => {
    const row = rowAfter({ ...failed, attempts: 5 }, reopenAt(failed));
    expect(row).toMatchObject({
      status: 'PENDING',
      generation: 2,
      attempts: 0,
      dueAt: LATER,
      sourceEtag: failed.sourceEtag,
    });
    for (const gone of ['completedAt', 'failure', 'lastError', 'eventId', 'claimId'])
      expect(row).not.toHaveProperty(gone);
  });

  it.each(['retry', 'reprocess'] as const)('says in the history that it was a %s', (step) => {
    const { history } = rowAfter(completed, reopenAt(completed, step));
    expect(history.at(-1)).toEqual({ at: AT, step, status: 'PENDING', generation: 2 });
  });

  it('keeps what was found until the new generation ends', () => {
    expect(rowAfter(completed, reopenAt(completed)).result).toEqual(aResult());
  });

  it('opens one generation, though it is called again', () => {
    const open = rowAfter(failed, reopenAt(failed));
    expect(applyChange(open, reopenAt(failed))).toBeNull();
    // Nor after the new generation has ended.
    const ended: Asset = { ...open, status: 'FAILED' };
    expect(applyChange(ended, reopenAt(failed))).toBeNull();
  });

  it('is refused while an event waits, which would be lost', () => {
    expect(applyChange(aCompletedAsset(), reopenAt(completed))).toBeNull();
  });

  it('is refused where the asset is deleted', () => {
    expect(applyChange(deleted(), reopenAt(completed))).toBeNull();
  });

  it('is claimed by its own command alone, under a new token', () => {
    const open = rowAfter(failed, reopenAt(failed));
    const claimOf = (generation: number) =>
      claim({
        at: LATER,
        generation,
        claimId: 'claim-2',
        sourceEtag: '"etag-2"',
        leaseUntil: LATER + 1,
        takeOver: false,
      });
    expect(applyChange(open, claimOf(1))).toBeNull();
    expect(rowAfter(open, claimOf(2))).toMatchObject({
      fencingToken: failed.fencingToken + 1,
      attempts: 1,
      sourceEtag: '"etag-1"',
    });
  });
});

describe('delete', () => {
  it('hides the asset until its purge is due', () => {
    const row = rowAfter(completed, deleteAt(completed));
    expect(row).toMatchObject({ status: 'COMPLETED', deletedAt: AT, dueAt: LATER });
    expect(row.history.at(-1)).toEqual({
      at: AT,
      step: 'delete',
      status: 'COMPLETED',
      generation: 1,
    });
  });

  it('is refused while an event waits, which would be lost', () => {
    expect(applyChange(aCompletedAsset(), deleteAt(completed))).toBeNull();
  });
});

describe('restore', () => {
  it.each(['COMPLETED', 'FAILED'] as const)('takes a %s asset back out of the index', (status) => {
    const row = deleted({ status });
    const back = rowAfter(row, restoreAt(row));
    expect(back.status).toBe(status);
    expect(back).not.toHaveProperty('deletedAt');
    expect(back).not.toHaveProperty('dueAt');
  });

  it.each(['EXPIRED', 'CANCELLED'] as const)(
    'puts a %s asset back into the index: bytes may have come meanwhile',
    (status) => {
      const row = deleted({ status });
      const back = rowAfter(row, restoreAt(row));
      expect(back).toMatchObject({ status, dueAt: LATER });
      expect(back).not.toHaveProperty('deletedAt');
    },
  );

  it('says so in the history', () => {
    const { history } = rowAfter(deleted(), restoreAt(deleted()));
    const note = { at: AT, step: 'restore', status: 'COMPLETED', generation: 1 };
    expect(history.at(-1)).toEqual(note);
  });

  it('is refused where nothing is deleted', () => {
    expect(applyChange(completed, restoreAt(completed))).toBeNull();
  });

  it('is refused past the point of no return: objects may be gone', () => {
    expect(applyChange(purging(), restoreAt(purging()))).toBeNull();
  });

  it('is refused where the status is not the one it was decided on', () => {
    expect(applyChange(deleted({ status: 'EXPIRED' }), restoreAt(completed))).toBeNull();
  });
});

describe('purge', () => {
  it('marks the point of no return and stays due, so that a crash is followed up', () => {
    const { history } = deleted();
    const next = rowAfter(deleted(), purge(deleted(), { at: AT }));
    expect(next).toEqual({ ...deleted(), purgingAt: AT, rev: 4, updatedAt: AT, history });
  });

  it('waits until it is due, this very moment included', () => {
    const row = deleted({ dueAt: AT });
    expect(applyChange(row, purge(row, { at: AT - 1 }))).toBeNull();
    expect(applyChange(row, purge(row, { at: AT }))).not.toBeNull();
  });

  it.each([1, -1])('is refused where the row has moved on (rev %i)', (moved) => {
    const row = deleted();
    expect(applyChange({ ...row, rev: row.rev + moved }, purge(row, { at: AT }))).toBeNull();
  });

  it('is refused where nothing is deleted', () => {
    const row: Asset = { ...completed, dueAt: T0 };
    expect(applyChange(row, purge(row, { at: AT }))).toBeNull();
  });
});

describe('bury', () => {
  const everything = purging({
    checksumSha256: 'abc',
    clientMetadata: { title: 'mine' },
    failure: aFailure(),
    lastError: 'x',
    leaseUntil: AT,
    event: aCompletedAsset().event as NonNullable<Asset['event']>,
  });

  it('leaves a tombstone with no data of anybody’s, out of the index', () => {
    const tomb = rowAfter(everything, bury(everything, { at: AT }));
    const { history } = everything;
    expect(tomb).toStrictEqual({
      tenant: everything.tenant,
      assetId: everything.assetId,
      status: 'PURGED',
      generation: 1,
      rev: everything.rev + 1,
      fencingToken: 1,
      attempts: 1,
      fileName: '',
      contentType: '',
      size: null,
      correlationId: '',
      traceparent: everything.traceparent,
      createdAt: T0,
      updatedAt: AT,
      uploadExpiresAt: everything.uploadExpiresAt,
      history: [...history, { at: AT, step: 'bury', status: 'PURGED', generation: 1 }],
    });
  });

  it('is refused before the point of no return', () => {
    expect(applyChange(deleted(), bury(deleted(), { at: AT }))).toBeNull();
  });

  it('is the end: no step applies to a tombstone', () => {
    const tomb = rowAfter(everything, bury(everything, { at: AT }));
    const applied = STEPS.filter(([, step]) => applyChange(tomb, step(tomb)) !== null);
    expect(applied.map(([name]) => name)).toEqual([]);
    const late = { at: AT, generation: 1, claimId: 'c', sourceEtag: '"e"', leaseUntil: LATER };
    expect(applyChange(tomb, claim({ ...late, takeOver: true }))).toBeNull();
  });
});

describe('an asset in a worker’s hands', () => {
  it('is neither cancelled, nor reopened, nor deleted', () => {
    const row = aClaimedAsset();
    const refused = STEPS.filter(([, step]) => applyChange(row, step(row)) === null);
    expect(refused).toHaveLength(STEPS.length);
  });
});
