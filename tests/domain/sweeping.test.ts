import { describe, expect, it } from 'vitest';
import { applyChange } from '#domain/apply-change.ts';
import { ASSET_STATUSES, type Asset } from '#domain/asset.ts';
import { type Change, claim, commit, release, renew } from '#domain/protocol.ts';
import { defer, expire, fail, unlist } from '#domain/sweeping.ts';
import {
  aClaimedAsset,
  aCompletedAsset,
  aFailure,
  anAsset,
  aResult,
  aThinEvent,
} from '../support/an-asset.ts';
import { T0 } from '../support/fixed-clock.ts';

const AT = T0 + 10_000_000;

const failure = aFailure({ code: 'RETRIES_EXHAUSTED', retryable: true });
const event = aThinEvent({
  eventId: 'event-2',
  type: 'VideoFailedEvent',
  status: 'FAILED',
  failure,
});

const failAt = (read: Asset, at = AT): Change =>
  fail(read, { at, dueAt: at + 30_000, attemptsMax: 5, failure, event });

/** Left by its last worker in the fifth attempt of five. */
const spent = (overrides: Partial<Asset> = {}): Asset =>
  aClaimedAsset({ attempts: 5, fencingToken: 5, leaseUntil: AT - 1, dueAt: AT - 1, ...overrides });

/** Each step with a row that it applies to. */
const SWEEPERS_STEPS: readonly [string, (read: Asset) => Change, Asset][] = [
  ['defer', (read) => defer(read, { at: AT, dueAt: AT + 1 }), anAsset()],
  ['fail', (read) => failAt(read), spent()],
  ['expire', (read) => expire(read, { at: AT }), anAsset()],
  ['unlist', (read) => unlist(read, { at: AT }), anAsset({ status: 'CANCELLED' })],
];

const except = (...statuses: readonly Asset['status'][]) =>
  ASSET_STATUSES.filter((status) => !statuses.includes(status));

describe.each(SWEEPERS_STEPS)('%s', (name, step, row) => {
  it('applies to the row as it was read, and counts as one write', () => {
    expect(applyChange(row, step(row))).toMatchObject({ rev: row.rev + 1, updatedAt: AT });
    expect(step(row).step).toBe(name);
  });

  it.each([1, -1])('is refused where the row has moved on (rev %i)', (moved) => {
    expect(applyChange({ ...row, rev: row.rev + moved }, step(row))).toBeNull();
  });

  it('applies once, though it is called again after a lost reply', () => {
    const after = applyChange(row, step(row));
    expect(after && applyChange(after, step(row))).toBeNull();
  });

  it('is data: it means the same after JSON', () => {
    const change = step(row);
    expect(JSON.parse(JSON.stringify(change))).toEqual(change);
  });

  it('has no attribute that is undefined, which a store could not write', () => {
    const { set = {}, note = {} } = step(row);
    for (const value of [...Object.values(set), ...Object.values(note)]) {
      expect(value).toBeDefined();
    }
    expect(step(row).at).toBe(AT);
  });
});

describe('defer', () => {
  it('moves the sweeper’s date and nothing else, and leaves no note', () => {
    const row = anAsset();
    const after = applyChange(row, defer(row, { at: AT, dueAt: AT + 7 }));
    expect(after).toEqual({ ...row, rev: 2, updatedAt: AT, dueAt: AT + 7 });
  });

  it.each([anAsset({ status: 'EXPIRED' }), aClaimedAsset(), aCompletedAsset()])(
    'applies whatever the status: $status',
    (row) => {
      expect(applyChange(row, defer(row, { at: AT, dueAt: AT + 7 }))?.status).toBe(row.status);
    },
  );
});

describe('fail', () => {
  it('ends the asset with its reason, and the event in the same write', () => {
    const row = spent({ lastError: 'JOB_TIMEOUT: too slow' });
    const failed = applyChange(row, failAt(row));
    const { leaseUntil: _, ...rest } = row;
    expect(failed).toEqual({
      ...rest,
      status: 'FAILED',
      rev: row.rev + 1,
      updatedAt: AT,
      completedAt: AT,
      failure,
      eventId: 'event-2',
      event,
      dueAt: AT + 30_000,
      fencingToken: 6,
      history: [
        ...row.history,
        { at: AT, step: 'fail', status: 'FAILED', generation: 1, code: 'RETRIES_EXHAUSTED' },
      ],
    });
  });

  it('replaces how the generation before has ended', () => {
    const row = spent({ generation: 2, result: aResult() });
    const failed = applyChange(row, failAt(row));
    expect(failed).not.toHaveProperty('result');
    expect(failed?.history.at(-1)?.generation).toBe(2);
  });

  it('takes the token away: the late worker may do nothing more', () => {
    const row = spent();
    const failed = applyChange(row, failAt(row));
    const late = [
      renew(row, { at: AT, leaseUntil: AT + 1 }),
      release(row, { at: AT, dueAt: AT, lastError: 'x', code: 'INTERNAL', refund: false }),
      commit(row, { at: AT, ending: { event: aThinEvent(), result: aResult() } }),
      claim({
        at: AT,
        generation: 1,
        claimId: 'c',
        sourceEtag: '"e"',
        leaseUntil: AT + 1,
        takeOver: true,
      }),
    ];
    for (const change of late) expect(failed && applyChange(failed, change)).toBeNull();
    expect(late).toHaveLength(4);
  });

  it('leaves a lease alone that ends this very moment', () => {
    expect(applyChange(spent({ leaseUntil: AT }), failAt(spent()))).toBeNull();
    expect(applyChange(spent({ leaseUntil: AT - 1 }), failAt(spent()))).not.toBeNull();
  });

  it('takes a lease that was given back for lapsed', () => {
    expect(applyChange(spent({ leaseUntil: 0 }), failAt(spent()))?.status).toBe('FAILED');
  });

  it.each([
    [4, false],
    [5, true],
    [6, true],
  ])('finds %i of 5 attempts spent: %s', (attempts, applies) => {
    expect(applyChange(spent({ attempts }), failAt(spent())) !== null).toBe(applies);
  });

  it.each(except('PROCESSING'))('is refused where the asset is %s', (status) => {
    expect(applyChange(spent({ status }), failAt(spent()))).toBeNull();
  });
});

describe('expire', () => {
  it('gives up the upload, and takes the asset out of the index', () => {
    const row = anAsset();
    const expired = applyChange(row, expire(row, { at: AT }));
    expect(expired).toMatchObject({ status: 'EXPIRED', fencingToken: 0, attempts: 0 });
    expect(expired).not.toHaveProperty('dueAt');
    expect(expired).not.toHaveProperty('event');
    expect(expired?.history.at(-1)).toEqual({
      at: AT,
      step: 'expire',
      status: 'EXPIRED',
      generation: 1,
    });
  });

  it('is not final: bytes that come late are claimed, and bring the asset back into the index', () => {
    const row = anAsset();
    const expired = applyChange(row, expire(row, { at: AT }));
    const late = { at: AT, generation: 1, claimId: 'c', sourceEtag: '"e"', leaseUntil: AT + 9 };
    const claimed = expired && applyChange(expired, claim({ ...late, takeOver: false }));
    expect(claimed).toMatchObject({ status: 'PROCESSING', dueAt: AT + 9 });
  });

  it.each(except('PENDING'))('is refused where the asset is %s', (status) => {
    expect(applyChange(anAsset({ status }), expire(anAsset(), { at: AT }))).toBeNull();
  });
});

describe('unlist', () => {
  it.each(['EXPIRED', 'CANCELLED'] as const)('takes %s out of the index, no more', (status) => {
    const row = anAsset({ status });
    const { dueAt: _, ...rest } = row;
    const after = applyChange(row, unlist(row, { at: AT }));
    expect(after).toEqual({ ...rest, rev: 2, updatedAt: AT });
  });

  it.each(except('EXPIRED', 'CANCELLED'))('is refused where the asset is %s', (status) => {
    expect(applyChange(anAsset({ status }), unlist(anAsset(), { at: AT }))).toBeNull();
  });
});
