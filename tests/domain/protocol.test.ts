import { describe, expect, it } from 'vitest';
import { applyChange } from '#domain/apply-change.ts';
import { ASSET_STATUSES, type Asset } from '#domain/asset.ts';
import { type Change, claim, clearOutbox, commit, release, renew } from '#domain/protocol.ts';
import {
  aClaimedAsset,
  aCompletedAsset,
  aFailure,
  anAsset,
  aResult,
  aThinEvent,
} from '../support/an-asset.ts';
import { T0 } from '../support/fixed-clock.ts';

const AT = T0 + 60_000;

const claimAt = (at: number, overrides: Partial<Parameters<typeof claim>[0]> = {}): Change =>
  claim({
    at,
    generation: 1,
    claimId: 'claim-2',
    sourceEtag: '"etag-2"',
    leaseUntil: at + 45_000,
    takeOver: true,
    ...overrides,
  });

const releaseAt = (row: Asset, refund = false): Change =>
  release(row, {
    at: AT,
    dueAt: AT + 5000,
    lastError: 'PROBE_UNAVAILABLE: no engine',
    code: 'PROBE_UNAVAILABLE',
    refund,
  });

const completed = { event: aThinEvent(), result: aResult() };
const failed = {
  event: aThinEvent({ eventId: 'event-2', type: 'VideoFailedEvent', status: 'FAILED' }),
  failure: aFailure(),
};
const commitAt = (row: Asset, ending: typeof completed | typeof failed = completed): Change =>
  commit(row, { at: AT, ending });

/** What a holder of a token can do to a row. */
const HOLDERS_STEPS: readonly [string, (held: Asset) => Change][] = [
  ['renew', (held) => renew(held, { at: AT, leaseUntil: AT + 45_000 })],
  ['release', (held) => releaseAt(held)],
  ['commit', (held) => commitAt(held)],
];

describe('claim', () => {
  it('takes a PENDING asset for one attempt, and says for how long', () => {
    expect(applyChange(anAsset(), claimAt(AT))).toMatchObject({
      status: 'PROCESSING',
      claimId: 'claim-2',
      sourceEtag: '"etag-2"',
      leaseUntil: AT + 45_000,
      dueAt: AT + 45_000,
      fencingToken: 1,
      attempts: 1,
      rev: 2,
    });
  });

  it('takes an EXPIRED asset, for bytes that came late', () => {
    const expired = anAsset({ status: 'EXPIRED' });
    expect(applyChange(expired, claimAt(AT))?.status).toBe('PROCESSING');
  });

  it('keeps the ETag that the first claim saw', () => {
    const again = applyChange(aClaimedAsset({ leaseUntil: 0 }), claimAt(AT));
    expect(again?.sourceEtag).toBe('"etag-1"');
  });

  it('takes over a lapsed lease, but not one that ends this very moment', () => {
    const row = aClaimedAsset({ leaseUntil: AT });
    expect(applyChange(row, claimAt(AT))).toBeNull();
    expect(applyChange(row, claimAt(AT + 1))).toMatchObject({ fencingToken: 2, attempts: 2 });
  });

  it.each([true, false])('is refused while another holds the lease (takeOver %s)', (takeOver) => {
    expect(applyChange(aClaimedAsset(), claimAt(T0 + 1, { takeOver }))).toBeNull();
  });

  it('leaves a lease that lapsed by itself to whoever is ready for that', () => {
    const row = aClaimedAsset({ leaseUntil: 1 });
    expect(applyChange(row, claimAt(AT, { takeOver: false }))).toBeNull();
    expect(applyChange(row, claimAt(AT, { takeOver: true }))).not.toBeNull();
  });

  it.each<[string, Asset]>([
    ['a lease that was given back', aClaimedAsset({ leaseUntil: 0 })],
    ['an announced asset', anAsset()],
    ['an expired asset', anAsset({ status: 'EXPIRED' })],
    ['an asset whose last generation has a lease left over', anAsset({ leaseUntil: AT + 1 })],
  ])('takes %s, also where nothing is to be taken over', (_what, row) => {
    for (const takeOver of [true, false])
      expect(applyChange(row, claimAt(AT, { takeOver }))?.fencingToken).toBe(row.fencingToken + 1);
  });

  it.each(
    ASSET_STATUSES.filter((status) => !['PENDING', 'EXPIRED', 'PROCESSING'].includes(status)),
  )('is refused where the asset is %s', (status) => {
    expect(applyChange(anAsset({ status, leaseUntil: 0 }), claimAt(AT))).toBeNull();
  });

  it.each([0, 2])('is refused where generation %i is meant', (generation) => {
    expect(applyChange(anAsset(), claimAt(AT, { generation }))).toBeNull();
  });

  it('is refused where the asset is deleted', () => {
    expect(applyChange(anAsset({ deletedAt: T0 }), claimAt(AT))).toBeNull();
  });

  it('is refused while PROCESSING has no lease at all, which no step leaves behind', () => {
    const { leaseUntil: _, ...row } = aClaimedAsset();
    expect(applyChange(row, claimAt(AT))).toBeNull();
  });
});

describe.each(HOLDERS_STEPS)('%s', (_, step) => {
  it('is refused once the token has passed to another', () => {
    expect(applyChange(aClaimedAsset({ fencingToken: 2 }), step(aClaimedAsset()))).toBeNull();
  });

  it.each(ASSET_STATUSES.filter((status) => status !== 'PROCESSING'))(
    'is refused where the asset is %s',
    (status) => {
      expect(applyChange(aClaimedAsset({ status }), step(aClaimedAsset()))).toBeNull();
    },
  );
});

describe('renew', () => {
  it('moves the lease and the sweeper’s date, and leaves no note', () => {
    const row = aClaimedAsset();
    const renewed = applyChange(row, renew(row, { at: AT, leaseUntil: AT + 1 }));
    const { history } = row;
    expect(renewed).toEqual({
      ...row,
      rev: 3,
      updatedAt: AT,
      leaseUntil: AT + 1,
      dueAt: AT + 1,
      history,
    });
  });

  it('works on a lapsed lease that nobody has taken over', () => {
    const row = aClaimedAsset({ leaseUntil: T0 });
    expect(applyChange(row, renew(row, { at: AT, leaseUntil: AT + 1 }))).not.toBeNull();
  });
});

describe('release', () => {
  it('gives the asset back at once, with the reason', () => {
    const row = aClaimedAsset();
    const released = applyChange(row, releaseAt(row));
    expect(released).toMatchObject({
      status: 'PROCESSING',
      leaseUntil: 0,
      dueAt: AT + 5000,
      lastError: 'PROBE_UNAVAILABLE: no engine',
      attempts: 1,
      fencingToken: 2,
    });
    expect(released?.history.at(-1)).toEqual({
      at: AT,
      step: 'release',
      status: 'PROCESSING',
      generation: 1,
      code: 'PROBE_UNAVAILABLE',
    });
    expect(released && applyChange(released, claimAt(AT + 1))).toMatchObject({
      fencingToken: 3,
      attempts: 2,
    });
  });

  it('applies once, though it is called again after a lost reply', () => {
    const row = aClaimedAsset();
    const released = applyChange(row, releaseAt(row, true));
    expect(released).toMatchObject({ attempts: 0 });
    expect(released && applyChange(released, releaseAt(row, true))).toBeNull();
  });

  it('refunds the attempt where the asset is not to blame', () => {
    const row = aClaimedAsset({ attempts: 3 });
    expect(applyChange(row, releaseAt(row, true))?.attempts).toBe(2);
  });

  it('ends what the holder may do', () => {
    const row = aClaimedAsset();
    const released = applyChange(row, releaseAt(row));
    for (const [, step] of HOLDERS_STEPS) {
      expect(released && applyChange(released, step(row))).toBeNull();
    }
  });
});

describe('commit', () => {
  it('ends with a result, and the event in the same write', () => {
    const row = aClaimedAsset({ lastError: 'JOB_TIMEOUT: too slow' });
    const done = applyChange(row, commitAt(row));
    expect(done).toMatchObject({
      status: 'COMPLETED',
      completedAt: AT,
      dueAt: row.dueAt,
      result: aResult(),
      eventId: 'event-1',
      event: completed.event,
    });
    expect(done).not.toHaveProperty('leaseUntil');
    expect(done).not.toHaveProperty('lastError');
    expect(done).not.toHaveProperty('failure');
  });

  it('ends with a failure, which the history tells too', () => {
    const row = aClaimedAsset();
    const done = applyChange(row, commitAt(row, failed));
    expect(done).toMatchObject({ status: 'FAILED', failure: aFailure(), event: failed.event });
    expect(done).not.toHaveProperty('result');
    expect(done?.history.at(-1)).toMatchObject({
      step: 'commit',
      status: 'FAILED',
      code: 'CORRUPT_MEDIA',
    });
  });

  it('replaces how the generation before has ended', () => {
    const before = { result: aResult(), failure: aFailure(), generation: 2 };
    const row = aClaimedAsset(before);
    expect(applyChange(row, commitAt(row))).not.toHaveProperty('failure');
    expect(applyChange(row, commitAt(row, failed))).not.toHaveProperty('result');
  });

  it('applies once', () => {
    const row = aClaimedAsset();
    const done = applyChange(row, commitAt(row));
    expect(done && applyChange(done, commitAt(row, failed))).toBeNull();
  });
});

describe('clearOutbox', () => {
  it('forgets the published event and the sweeper’s date, and keeps the id', () => {
    const cleared = applyChange(aCompletedAsset(), clearOutbox({ at: AT, eventId: 'event-1' }));
    expect(cleared).toMatchObject({ status: 'COMPLETED', eventId: 'event-1' });
    expect(cleared).not.toHaveProperty('event');
    expect(cleared).not.toHaveProperty('dueAt');
  });

  it('leaves another event where it waits', () => {
    const change = clearOutbox({ at: AT, eventId: 'event-2' });
    expect(applyChange(aCompletedAsset(), change)).toBeNull();
  });

  it('is refused where nothing waits', () => {
    const { event: _, ...told } = aCompletedAsset();
    expect(applyChange(told, clearOutbox({ at: AT, eventId: 'event-1' }))).toBeNull();
  });
});

describe('every change', () => {
  const row = aClaimedAsset();
  const changes = [
    claimAt(AT),
    ...HOLDERS_STEPS.map(([, step]) => step(row)),
    releaseAt(row, true),
  ];

  it('is data: it means the same after JSON', () => {
    for (const change of changes) {
      const copy = JSON.parse(JSON.stringify(change));
      for (const before of [anAsset(), row, aCompletedAsset()]) {
        expect(applyChange(before, copy)).toEqual(applyChange(before, change));
      }
    }
  });

  it('has no attribute that is undefined, which a store could not write', () => {
    for (const change of changes) {
      for (const value of Object.values(change.set ?? {})) expect(value).toBeDefined();
    }
  });
});
