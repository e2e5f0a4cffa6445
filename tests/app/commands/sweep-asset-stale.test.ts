/*
 * A sweep over an index that lags: it offers rows that are no longer due, and the same ones again. What is finished, or in
 * a worker's hands, or not due yet, is left as it is, byte by byte.
 */
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Asset } from '#domain/asset.ts';
import { sourceKey } from '#domain/keys.ts';
import { liveSweep } from '#streams/live-sweep.ts';
import { sweepOnce } from '#streams/sweeper.ts';
import { aClaimedAsset, aCompletedAsset, aFailure, anAsset, KEY } from '../../support/an-asset.ts';
import { BYTES } from '../../support/app-world.ts';
import { T0 } from '../../support/fixed-clock.ts';
import { StaleIndexStore } from '../../support/stale-index-store.ts';
import { sweepWorld } from '../../support/sweep-world.ts';

/** When the sweeps of these tests begin. */
const NOW = T0 + 10_000_000;
const LATER = NOW + 1;

const without = <Name extends keyof Asset>(row: Asset, ...names: readonly Name[]): Asset =>
  Object.fromEntries(
    Object.entries(row).filter(([name]) => !names.some((n) => n === name)),
  ) as Partial<Asset> as Asset;

const published = without(aCompletedAsset(), 'event', 'dueAt');
const tombstone = without(anAsset({ status: 'PURGED', fileName: '', size: null }), 'dueAt');

/** Rows that an index may offer long after they have left it, or before they are due. */
const STALE: readonly (readonly [string, Asset])[] = [
  ['completed and told of', published],
  [
    'failed and told of',
    without({ ...published, status: 'FAILED', failure: aFailure() }, 'result'),
  ],
  ['expired', without(anAsset({ status: 'EXPIRED' }), 'dueAt')],
  ['cancelled, its bytes gone', without(anAsset({ status: 'CANCELLED' }), 'dueAt')],
  ['buried', tombstone],
  ['being uploaded', anAsset({ dueAt: LATER, uploadExpiresAt: LATER })],
  ['in a worker’s hands', aClaimedAsset({ leaseUntil: LATER, dueAt: LATER })],
  ['given back, to be tried later', aClaimedAsset({ leaseUntil: 0, dueAt: LATER })],
  ['committed, its event about to be published', aCompletedAsset({ dueAt: LATER })],
  ['open again, its command on the way', anAsset({ generation: 2, dueAt: LATER })],
  ['cancelled, its URL still good', anAsset({ status: 'CANCELLED', dueAt: LATER })],
  ['deleted, to be purged later', { ...published, deletedAt: T0, dueAt: LATER }],
];

/** A world whose sweeps take their keys from an index that lags. */
function staleWorld() {
  const world = sweepWorld();
  const assets = new StaleIndexStore(world.assets);
  const stages = liveSweep({
    app: world.app,
    assets,
    clock: world.clock,
    log: world.log,
    limits: { sweepKeysMax: 10 },
  });
  return {
    ...world,
    index: assets,
    /** One pass over the whole index: what came of each entry. */
    pass: async () => {
      const swept = await lastValueFrom(sweepOnce(stages, 2).pipe(toArray()));
      return swept.map(({ finding }) => finding);
    },
    async indexed(row: Asset): Promise<void> {
      await assets.create(row);
      await world.objects.put(sourceKey(row), BYTES, row.contentType);
    },
  };
}

describe('an index that lags', () => {
  it('offers what is not due, and offers it again', async () => {
    const world = staleWorld();
    await world.indexed(published);
    const query = { shard: 0, dueUntil: NOW, keysMax: 1 };
    expect(await world.assets.due(query)).toEqual([]);
    expect(await world.index.due(query)).toEqual([KEY, KEY]);
  });

  it.each(STALE)('changes nothing of what is %s', async (_what, row) => {
    const world = staleWorld();
    await world.indexed(row);
    const before = await world.row();
    expect(await world.pass()).toEqual(['nothing', 'nothing']);
    expect(await world.row()).toEqual(before);
    expect(await world.objects.head(sourceKey(row))).not.toBeNull();
    expect(world.sent).toEqual([]);
    expect(world.events.published).toEqual([]);
  });

  it('names a row that is not there: nothing comes of it', async () => {
    const world = staleWorld();
    await world.index.write(KEY, { step: 'defer', at: NOW, only: {} });
    expect(await world.pass()).toEqual(['nothing', 'nothing']);
    expect(await world.assets.get(KEY)).toBeNull();
  });

  it('has an asset finished once, however often it is offered', async () => {
    const world = staleWorld();
    await world.indexed(aCompletedAsset({ dueAt: NOW }));
    const findings = await world.pass();
    expect(findings.filter((finding) => finding === 'event published')).toHaveLength(1);
    expect(world.events.published).toHaveLength(1);
    const finished = await world.row();
    expect(finished).not.toHaveProperty('dueAt');
    expect(await world.pass()).toEqual(['nothing', 'nothing']);
    expect(await world.row()).toEqual(finished);
  });
});
