import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyChange } from '#domain/apply-change.ts';
import { ASSET_STATUSES, type Asset } from '#domain/asset.ts';
import { bury, cancel, extend, purge, reopen, restore, softDelete } from '#domain/lifecycle.ts';
import {
  type Change,
  clearOutbox,
  commit,
  HISTORY_ENTRIES_MAX,
  release,
  renew,
} from '#domain/protocol.ts';
import { defer, expire, fail, unlist } from '#domain/sweeping.ts';
import type { AssetStore, Written } from '#ports/asset-store.ts';
import { T0 as AT } from '../support/fixed-clock.ts';
import { dueContract } from './due.contract.ts';
import { applied, claimAt, created, pendingAsset, thinEvent } from './fixtures.ts';

const failure = {
  code: 'CORRUPT_MEDIA',
  detail: 'no index',
  stage: 'analyse',
  retryable: false,
} as const;
const failedEvent = () => thinEvent({ status: 'FAILED', type: 'VideoFailedEvent', failure });

const failAt = (read: Pick<Asset, 'rev' | 'generation'>): Change =>
  fail(read, { at: AT, dueAt: AT + 9, attemptsMax: 5, failure, event: failedEvent() });

/** One of each kind of row that a change may meet, and every change that may meet it. */
const rows = fc.record(
  {
    status: fc.constantFrom(...ASSET_STATUSES),
    generation: fc.constantFrom(1, 2),
    fencingToken: fc.constantFrom(0, 1, 2),
    attempts: fc.constantFrom(4, 5),
    leaseUntil: fc.constantFrom(0, AT - 1, AT, AT + 1),
    deletedAt: fc.constant(AT),
    purgingAt: fc.constant(AT),
    dueAt: fc.constantFrom(AT, AT + 1),
    eventId: fc.constantFrom('e1', 'e2'),
    event: fc.constant(thinEvent({ eventId: 'e1' })),
    sourceEtag: fc.constant('"older"'),
    size: fc.constantFrom(null, 7),
  },
  { requiredKeys: ['status', 'generation', 'fencingToken', 'attempts', 'size'] },
);
const held = fc.record({ generation: fc.constantFrom(1, 2), fencingToken: fc.constantFrom(1, 2) });
const read = fc.record({ generation: fc.constantFrom(1, 2), rev: fc.constantFrom(1, 1, 2, 3) });
const asSeen = fc.record({
  status: fc.constantFrom('COMPLETED', 'EXPIRED', 'CANCELLED' as const),
  generation: fc.constantFrom(1, 2),
});
const times = { at: AT, dueAt: AT + 9 };
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc
    .record({ generation: fc.constantFrom(1, 2), takeOver: fc.boolean() })
    .map((over) => claimAt(AT, over)),
  fc.constant(extend({ ...times, uploadExpiresAt: AT + 8 })),
  fc.constant(cancel(times)),
  fc
    .tuple(fc.constantFrom('retry', 'reprocess'), read)
    .map(([step, row]) => reopen(step, row, times)),
  asSeen.map((row) => softDelete(row, times)),
  asSeen.map((row) => restore(row, times)),
  read.map((row) => purge(row, { at: AT })),
  read.map((row) => bury(row, { at: AT })),
  held.map((who) => renew(who, { at: AT, leaseUntil: AT + 5 })),
  fc
    .tuple(held, fc.boolean())
    .map(([who, refund]) =>
      release(who, { at: AT, dueAt: AT + 9, lastError: 'x', code: 'JOB_TIMEOUT', refund }),
    ),
  held.map((who) => commit(who, { at: AT, ending: { event: failedEvent(), failure } })),
  fc.constantFrom('e1', 'e2').map((eventId) => clearOutbox({ at: AT, eventId })),
  read.map((row) => defer(row, { at: AT, dueAt: AT + 9 })),
  read.map(failAt),
  read.map((row) => expire(row, { at: AT })),
  read.map((row) => unlist(row, { at: AT })),
);

/** Where a store is known to differ, and how much of it to try. */
export interface AssetStoreTraits {
  /** Random walks. */
  readonly runs?: number;
  /** False where the store checks and writes in two steps, so that concurrent writes may both win. */
  readonly linear?: boolean;
}

/** Proves the prose of the `AssetStore` port on whatever `open` opens. */
export function assetStoreContract(
  name: string,
  open: () => Promise<{ readonly store: AssetStore; readonly close?: () => Promise<void> }>,
  { runs = 50, linear = true }: AssetStoreTraits = {},
): void {
  describe(`${name} keeps the AssetStore contract`, () => {
    let store: AssetStore;
    let close: (() => Promise<void>) | undefined;

    const race = (title: string, run: () => Promise<void>) =>
      linear
        ? it(title, run)
        : it.skip(`${title} (skipped: this store's writes are not linear)`, run);

    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close?.());

    const create = (over?: Partial<Asset>) => created(store, over);
    /** Writes, and expects what the reference semantics says of the row as it was. */
    const writeAsReference = async (before: Asset, change: Change): Promise<Asset> => {
      const expected = applyChange(before, change);
      const written = await store.write(before, change);
      expect(written).toStrictEqual({ applied: expected !== null, asset: expected ?? before });
      expect(await store.get(before)).toStrictEqual(expected ?? before);
      return expected ?? before;
    };

    describe('create and get', () => {
      it('gives back exactly what was created', async () => {
        const asset = await create({
          size: null,
          checksumSha256: 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=',
          clientMetadata: { title: 'a "b" \\ ü', empty: '' },
          event: thinEvent(),
        });
        expect(await store.get(asset)).toStrictEqual(asset);
      });

      it('answers false where the id is taken, and leaves the row as it is', async () => {
        const asset = await create();
        expect(await store.create({ ...asset, fileName: 'other.mp4' })).toBe(false);
        expect(await store.get(asset)).toStrictEqual(asset);
      });

      race('creates one row where many callers create the same id at once', async () => {
        const asset = pendingAsset();
        const results = await Promise.all(Array.from({ length: 10 }, () => store.create(asset)));
        expect(results.filter(Boolean)).toHaveLength(1);
      });

      it('knows no row of another tenant under the same id', async () => {
        const asset = await create();
        expect(await store.get({ tenant: 'globex', assetId: asset.assetId })).toBeNull();
        expect(await store.create({ ...asset, tenant: 'globex' })).toBe(true);
      });

      it('stores nothing that is undefined, at any depth', async () => {
        const asset = pendingAsset({ event: thinEvent() });
        const loose: Record<string, unknown> = {
          ...asset,
          lastError: undefined,
          event: { ...asset.event, failure: undefined },
        };
        expect(await store.create(Object.assign({ ...asset }, loose))).toBe(true);
        expect(await store.get(asset)).toStrictEqual(asset);
      });
    });

    describe('write', () => {
      it('walks the life of an asset, a retried failure included, as the reference does', async () => {
        let row = await create();
        row = await writeAsReference(row, claimAt(AT + 1));
        expect(row).toMatchObject({ status: 'PROCESSING', fencingToken: 1, attempts: 1, rev: 2 });
        row = await writeAsReference(row, renew(row, { at: AT + 2, leaseUntil: AT + 60_000 }));
        row = await writeAsReference(
          row,
          release(row, {
            at: AT + 3,
            dueAt: AT + 9,
            lastError: 'gone',
            code: 'ABORTED',
            refund: true,
          }),
        );
        expect(row).toMatchObject({ leaseUntil: 0, fencingToken: 2, attempts: 0 });
        row = await writeAsReference(row, claimAt(AT + 4, { sourceEtag: '"later"' }));
        expect(row).toMatchObject({ fencingToken: 3, sourceEtag: '"e"' });
        const event = failedEvent();
        row = await writeAsReference(row, commit(row, { at: AT + 5, ending: { event, failure } }));
        expect(row.leaseUntil).toBeUndefined();
        row = await writeAsReference(row, clearOutbox({ at: AT + 6, eventId: event.eventId }));
        expect(row).toMatchObject({ status: 'FAILED', eventId: event.eventId, rev: 7 });
        expect(Object.keys(row)).not.toContain('dueAt');
      });

      it.each<[string, Partial<Asset>, (row: Asset) => Change, Partial<Asset>]>([
        [
          'defers a row',
          { status: 'PENDING' },
          (row) => defer(row, { at: AT, dueAt: AT + 9 }),
          { status: 'PENDING', dueAt: AT + 9, rev: 2 },
        ],
        [
          'fails a row',
          { status: 'PROCESSING', attempts: 5, fencingToken: 5, leaseUntil: AT - 1 },
          failAt,
          { status: 'FAILED', fencingToken: 6, failure, rev: 2 },
        ],
        [
          'expires a row',
          { status: 'PENDING' },
          (row) => expire(row, { at: AT }),
          { status: 'EXPIRED', rev: 2 },
        ],
        [
          'unlists a row',
          { status: 'CANCELLED' },
          (row) => unlist(row, { at: AT }),
          { status: 'CANCELLED', rev: 2 },
        ],
      ])('%s as it was read, once, as the reference does', async (_what, over, step, expected) => {
        const row = await create(over);
        const after = await writeAsReference(row, step(row));
        expect(after).toMatchObject(expected);
        expect(await writeAsReference(after, step(row))).toEqual(after);
        const moved = await writeAsReference(after, defer(after, { at: AT, dueAt: AT + 99 }));
        expect(await writeAsReference(moved, step(after))).toEqual(moved);
      });

      it.each([4, 5, 6])('counts %i of 5 attempts as the reference does', async (attempts) => {
        const row = await create({ status: 'PROCESSING', attempts, leaseUntil: 0 });
        const after = await writeAsReference(row, failAt(row));
        expect(after.status).toBe(attempts < 5 ? 'PROCESSING' : 'FAILED');
      });

      race('lets one of many sweepers write who read the same row', async () => {
        const row = await create();
        const results = await Promise.all(
          Array.from({ length: 10 }, () => store.write(row, expire(row, { at: AT }))),
        );
        expect(results.filter((written) => written.applied)).toHaveLength(1);
        expect(await store.get(row)).toMatchObject({ status: 'EXPIRED', rev: 2 });
      });

      it('takes a finished asset through another generation, deletion and back, as the reference does', async () => {
        const event = failedEvent();
        const ended = { status: 'FAILED', failure, eventId: event.eventId } as const;
        let row = await create({ ...ended, event, fencingToken: 3, attempts: 5, claimId: 'c1' });
        // While its event waits, it is neither reopened nor deleted.
        await writeAsReference(row, reopen('retry', row, times));
        await writeAsReference(row, softDelete(row, times));
        row = await writeAsReference(row, clearOutbox({ at: AT, eventId: event.eventId }));
        const retry = reopen('retry', row, times);
        row = await writeAsReference(row, retry);
        expect(row).toMatchObject({ status: 'PENDING', generation: 2, attempts: 0, rev: 3 });
        expect(Object.keys(row)).not.toContain('failure');
        expect((await writeAsReference(row, retry)).rev).toBe(3);
        row = await writeAsReference(row, claimAt(AT, { generation: 2, takeOver: false }));
        expect(row).toMatchObject({ fencingToken: 4, attempts: 1 });
        const again = failedEvent();
        row = await writeAsReference(
          row,
          commit(row, { ...times, ending: { event: again, failure } }),
        );
        row = await writeAsReference(row, clearOutbox({ at: AT, eventId: again.eventId }));
        row = await writeAsReference(row, softDelete(row, times));
        expect(row).toMatchObject({ status: 'FAILED', deletedAt: AT, dueAt: AT + 9 });
        row = await writeAsReference(row, restore(row, times));
        expect(Object.keys(row)).not.toContain('deletedAt');
        expect(Object.keys(row)).not.toContain('dueAt');
      });

      it.each([
        ['EXPIRED', true],
        ['CANCELLED', true],
        ['COMPLETED', false],
      ] as const)('restores %s, back into the index or not', async (status, listed) => {
        const row = await create({ status, deletedAt: AT, dueAt: AT + 1 });
        const back = await writeAsReference(row, restore(row, times));
        expect([back.deletedAt, back.dueAt]).toEqual([undefined, listed ? AT + 9 : undefined]);
      });

      it('keeps an announced upload open for longer, and calls it off', async () => {
        let row = await create();
        row = await writeAsReference(row, extend({ ...times, uploadExpiresAt: AT + 8 }));
        expect(row).toMatchObject({ uploadExpiresAt: AT + 8, dueAt: AT + 9 });
        row = await writeAsReference(row, cancel(times));
        expect(row).toMatchObject({ status: 'CANCELLED', rev: 3 });
      });

      it('keeps a tombstone of what is purged, which is read like any other row', async () => {
        let row = await create({
          status: 'COMPLETED',
          clientMetadata: { title: 'mine' },
          checksumSha256: 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=',
          sourceEtag: '"e"',
          eventId: 'e1',
          deletedAt: AT - 1,
          dueAt: AT,
        });
        // Not before its time, not a row that has moved on, and not without the point of no return.
        await writeAsReference(row, purge(row, { at: AT - 1 }));
        await writeAsReference(row, purge({ ...row, rev: 7 }, { at: AT }));
        await writeAsReference(row, bury(row, { at: AT }));
        row = await writeAsReference(row, purge(row, { at: AT }));
        expect(row).toMatchObject({ purgingAt: AT, dueAt: AT });
        await writeAsReference(row, restore(row, times));
        row = await writeAsReference(row, bury(row, { at: AT }));
        expect(row).toMatchObject({ status: 'PURGED', fileName: '', contentType: '', size: null });
        for (const gone of ['clientMetadata', 'checksumSha256', 'sourceEtag', 'deletedAt', 'dueAt'])
          expect(Object.keys(row)).not.toContain(gone);
        expect(await store.create(row)).toBe(false);
      });

      it.each([
        ['leaves a lease that lapsed by itself alone', AT - 1, false],
        ['takes what was given back', 0, true],
      ])('%s, where nothing is to be taken over', async (_what, leaseUntil, applies) => {
        const row = await create({ status: 'PROCESSING', fencingToken: 1, leaseUntil });
        const after = await writeAsReference(row, claimAt(AT, { takeOver: false }));
        expect(after.fencingToken === 2).toBe(applies);
      });

      it('does as the reference to any row, whatever the change', async () => {
        await fc.assert(
          fc.asyncProperty(
            rows,
            fc.array(changes, { minLength: 1, maxLength: 4 }),
            async (over, steps) => {
              let row = pendingAsset(JSON.parse(JSON.stringify(over)));
              await store.create(row);
              for (const step of steps) row = await writeAsReference(row, step);
            },
          ),
          { numRuns: runs },
        );
      });

      it.each([
        ['keeps a lease to its last millisecond', AT, false],
        ['gives a lease away when it has lapsed', AT - 1, true],
      ])('%s', async (_what, leaseUntil, applies) => {
        const row = await create({ status: 'PROCESSING', fencingToken: 1, leaseUntil });
        const after = await writeAsReference(row, claimAt(AT));
        expect(after.fencingToken === 2).toBe(applies);
      });

      it('replaces a nested value whole', async () => {
        const row = await create({ status: 'PROCESSING', fencingToken: 4, event: thinEvent() });
        const event = failedEvent();
        const ended = await writeAsReference(
          row,
          commit(row, { at: AT, ending: { event, failure } }),
        );
        expect(ended.event).toEqual(event);
      });

      it('answers null for a row that is not there, and makes none', async () => {
        const nobody = pendingAsset();
        expect(await store.write(nobody, claimAt(AT))).toEqual({ applied: false, asset: null });
        const unconditional: Change = { step: 'renew', at: AT, only: {}, set: { leaseUntil: AT } };
        expect(await store.write(nobody, unconditional)).toEqual({ applied: false, asset: null });
        expect(await store.get(nobody)).toBeNull();
      });

      race('lets one of twenty concurrent claims win', async () => {
        const asset = await create();
        const results = await Promise.all(
          Array.from({ length: 20 }, () => store.write(asset, claimAt(AT))),
        );
        const winners = results.filter((written) => written.applied);
        expect(winners).toHaveLength(1);
        expect(await store.get(asset)).toEqual(winners[0]?.asset);
        expect(await store.get(asset)).toMatchObject({ fencingToken: 1, attempts: 1, rev: 2 });
      });

      race('loses none of many concurrent writes', async () => {
        const row = await applied(store, await create(), claimAt(AT));
        await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            applied(store, row, renew(row, { at: AT, leaseUntil: AT + 1000 + i })),
          ),
        );
        expect(await store.get(row)).toMatchObject({ rev: row.rev + 20 });
      });

      it('shows whose claim it was where the reply was lost and the claim is written again', async () => {
        const asset = await create();
        const mine = claimAt(AT, { claimId: 'mine' });
        await store.write(asset, mine);
        const again = await store.write(asset, mine);
        expect(again).toMatchObject({
          applied: false,
          asset: { claimId: 'mine', fencingToken: 1 },
        });
      });

      it('refuses whoever lost the token', async () => {
        const first = await applied(store, await create(), claimAt(AT));
        const second = await applied(store, first, claimAt(AT + 60_000));
        const late: Written = await store.write(first, renew(first, { at: AT, leaseUntil: AT }));
        expect(late).toEqual({ applied: false, asset: second });
      });

      it('rejects a call whose signal is aborted, and writes nothing', async () => {
        const asset = await create();
        const signal = AbortSignal.abort(new Error('left'));
        await expect(store.write(asset, claimAt(AT), signal)).rejects.toThrow('left');
        await expect(store.get(asset, signal)).rejects.toThrow('left');
        await expect(store.create(pendingAsset(), signal)).rejects.toThrow('left');
        expect(await store.get(asset)).toStrictEqual(asset);
      });
    });

    dueContract(() => store);

    describe('history', () => {
      const full = Array.from({ length: HISTORY_ENTRIES_MAX }, (_, at) => ({
        at,
        step: `step-${at}`,
        status: 'PENDING' as const,
        generation: 1,
      }));

      it('remembers the last entries only, in order, in the same single write', async () => {
        let row = await create({ history: full.slice(1) });
        row = await writeAsReference(row, claimAt(AT));
        expect(row.history).toHaveLength(HISTORY_ENTRIES_MAX);
        const again = await writeAsReference(row, claimAt(AT + 60_000));
        expect(again.history).toHaveLength(HISTORY_ENTRIES_MAX);
        expect(again.history.slice(0, -1)).toEqual(row.history.slice(1));
        expect(again.rev).toBe(row.rev + 1);
      });

      it('refuses for the same reasons when it is full', async () => {
        const row = await create({ history: full, status: 'CANCELLED' });
        await writeAsReference(row, claimAt(AT));
      });

      race('loses no entry of many concurrent writes when it is full', async () => {
        const asset = await create({ history: full });
        const steps = ['a', 'b', 'c', 'd', 'e'];
        const write = (step: string) => {
          const note = { at: AT, step, status: 'PENDING' as const, generation: 1 };
          return applied(store, asset, { step: 'renew', at: AT, only: {}, note });
        };
        await Promise.all(steps.map(write));
        const row = await store.get(asset);
        expect(
          row?.history
            .slice(-5)
            .map(({ step }) => step)
            .toSorted(),
        ).toEqual(steps);
        expect(row).toMatchObject({ rev: 6 });
        expect(row?.history).toHaveLength(HISTORY_ENTRIES_MAX);
      });

      race('lets one of many concurrent claims win when it is full', async () => {
        const asset = await create({ history: full });
        const results = await Promise.all(
          Array.from({ length: 5 }, () => store.write(asset, claimAt(AT))),
        );
        expect(results.filter((written) => written.applied)).toHaveLength(1);
        expect(await store.get(asset)).toMatchObject({ fencingToken: 1, rev: 2 });
      });
    });
  });
}
