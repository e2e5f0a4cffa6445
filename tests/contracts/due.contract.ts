import { describe, expect, it, vi } from 'vitest';
import type { Asset, AssetKey } from '#domain/asset.ts';
import { type Change, clearOutbox } from '#domain/protocol.ts';
import { defer, expire, unlist } from '#domain/sweeping.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import { T0 as AT } from '../support/fixed-clock.ts';
import { applied, claimAt, created, pendingAsset, thinEvent } from './fixtures.ts';

/** The part of the `AssetStore` contract that is about the index of unfinished things; the store is open while it runs. */
export function dueContract(opened: () => AssetStore): void {
  describe('due', () => {
    const create = (over?: Partial<Asset>) => created(opened(), over);

    let times = 1_000_000_000;
    /** A time long ago, before that of every test before: what those left behind is not due yet. */
    const longAgo = () => {
      times -= 1_000_000;
      return times;
    };
    const dueOf = (shard: number, dueUntil: number, keysMax = 1000) =>
      opened().due({ shard, dueUntil, keysMax });
    const shards = () => Array.from({ length: opened().shards }, (_, shard) => shard);
    const dueUntil = async (time: number): Promise<readonly AssetKey[]> =>
      (await Promise.all(shards().map((shard) => dueOf(shard, time)))).flat();
    const keyOf = ({ tenant, assetId }: AssetKey) => ({ tenant, assetId });
    const byId = (a: AssetKey, b: AssetKey) => a.assetId.localeCompare(b.assetId);
    /** The index may lag behind: in the end it has these keys, each once, and no other. */
    const expectDue = (time: number, rows: readonly AssetKey[]) =>
      vi.waitFor(
        async () =>
          expect([...(await dueUntil(time))].toSorted(byId)).toStrictEqual(
            rows.map(keyOf).toSorted(byId),
          ),
        { timeout: 4000, interval: 50 },
      );

    it('answers with the rows whose time has come, this very moment included', async () => {
      const time = longAgo();
      const past = await create({ dueAt: time - 1 });
      const now = await create({ dueAt: time });
      await create({ dueAt: time + 1 });
      await expectDue(time, [past, now]);
      await expectDue(time - 1, [past]);
      await expectDue(time - 2, []);
    });

    it('answers with keys that lead to the rows, whatever the tenant', async () => {
      const time = longAgo();
      const tenants = ['acme', 'globex', 'a', '0-tenant_of-63', 'x'.repeat(63)];
      const made = await Promise.all(tenants.map((tenant) => create({ tenant, dueAt: time })));
      await expectDue(time, made);
      for (const key of await dueUntil(time)) {
        const row = made.find(({ assetId }) => assetId === key.assetId);
        expect(await opened().get(key)).toStrictEqual(row);
      }
    });

    it('tells two tenants’ rows under one id apart', async () => {
      const time = longAgo();
      const ours = await create({ dueAt: time });
      const theirs = await create({ ...ours, tenant: 'globex' });
      await vi.waitFor(async () => {
        const tenants = (await dueUntil(time)).map(({ tenant }) => tenant);
        expect(tenants.toSorted()).toEqual(['acme', 'globex']);
      });
      expect(theirs.assetId).toBe(ours.assetId);
    });

    it('has every row in one shard, the longest due first, and no more than asked for', async () => {
      const time = longAgo();
      // One more than twice the shards: some shard has three.
      const offsets = Array.from({ length: 2 * opened().shards + 1 }, (_, i) => (i * 7) % 100);
      const made = await Promise.all(offsets.map((ms) => create({ dueAt: time + ms })));
      await expectDue(time + 100, made);
      const dueAt = new Map(made.map((row) => [row.assetId, row.dueAt]));
      const sizes: number[] = [];
      for (const shard of shards()) {
        const all = await dueOf(shard, time + 100);
        const dues = all.map(({ assetId }) => dueAt.get(assetId) ?? Number.NaN);
        expect(dues).toEqual(dues.toSorted((a, b) => a - b));
        for (const keysMax of [1, 2]) {
          const some = await dueOf(shard, time + 100, keysMax);
          expect(some).toStrictEqual(all.slice(0, keysMax));
        }
        sizes.push(all.length);
      }
      expect(Math.max(...sizes)).toBeGreaterThan(2);
    });

    it('has no finished row', async () => {
      const time = longAgo();
      const { dueAt: _, ...finished } = pendingAsset({ status: 'COMPLETED', eventId: 'e1' });
      expect(await opened().create(finished)).toBe(true);
      const waiting = await create({ dueAt: time });
      await expectDue(time, [waiting]);
      expect(await dueUntil(Number.MAX_SAFE_INTEGER)).not.toContainEqual(keyOf(finished));
    });

    it.each<[string, Partial<Asset>, (row: Asset) => Change]>([
      [
        'its event is cleared',
        { status: 'COMPLETED', eventId: 'e1', event: thinEvent({ eventId: 'e1' }) },
        () => clearOutbox({ at: AT, eventId: 'e1' }),
      ],
      ['it expires', {}, (row) => expire(row, { at: AT })],
      ['it is unlisted', { status: 'CANCELLED' }, (row) => unlist(row, { at: AT })],
      ['it is deferred', {}, (row) => defer(row, { at: AT, dueAt: AT })],
      ['it is claimed', {}, () => claimAt(AT)],
    ])('loses a row when %s', async (_what, over, step) => {
      const time = longAgo();
      const row = await create({ ...over, dueAt: time });
      const other = await create({ dueAt: time });
      await expectDue(time, [row, other]);
      await applied(opened(), row, step(row));
      await expectDue(time, [other]);
    });

    it('has a row again that came back', async () => {
      const time = longAgo();
      const row = await create({ dueAt: time });
      const expired = await applied(opened(), row, expire(row, { at: AT }));
      await expectDue(time, []);
      await applied(opened(), expired, claimAt(time - 45_000));
      await expectDue(time, [row]);
    });

    it('rejects a call whose signal is aborted', async () => {
      const query = { shard: 0, dueUntil: longAgo(), keysMax: 1 };
      const aborted = opened().due(query, AbortSignal.abort(new Error('left')));
      await expect(aborted).rejects.toThrow('left');
    });
  });
}
