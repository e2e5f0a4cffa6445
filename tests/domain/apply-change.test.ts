/*
 * The laws of a row. Random sequences of the protocol's steps, by whoever was ever granted a token, at random times, are
 * applied to rows of every status; each law is judged on every step.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange } from '#domain/apply-change.ts';
import { ASSET_STATUSES, type Asset } from '#domain/asset.ts';
import { bury, cancel, extend, purge, reopen, restore, softDelete } from '#domain/lifecycle.ts';
import {
  type Change,
  claim,
  clearOutbox,
  commit,
  HISTORY_ENTRIES_MAX,
  release,
  renew,
} from '#domain/protocol.ts';
import { isTerminal, mayFollow } from '#domain/states.ts';
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

/** Who does what, when: who it is, is told by how many tokens were granted, or by how much was written, after theirs. */
interface Move {
  readonly step: Change['step'];
  readonly laterMs: number;
  readonly tokensAgo: number;
  readonly writesAgo: number;
  readonly generation: number;
  readonly fails: boolean;
  readonly refund: boolean;
  readonly takeOver: boolean;
}

const ATTEMPTS_MAX = 1;
const WORKERS_STEPS = ['claim', 'renew', 'release', 'commit', 'clearOutbox'] as const;
const SWEEPERS_STEPS = ['defer', 'fail', 'expire', 'unlist', 'purge'] as const;
const CLIENTS_STEPS = [
  'extend',
  'cancel',
  'retry',
  'reprocess',
  'delete',
  'restore',
  'bury',
] as const;

const moves = fc.record<Move>({
  step: fc.constantFrom(...WORKERS_STEPS, ...WORKERS_STEPS, ...SWEEPERS_STEPS, ...CLIENTS_STEPS),
  laterMs: fc.constantFrom(0, 1, 1000, 60_000),
  tokensAgo: fc.constantFrom(0, 0, 0, 0, 1, 2),
  writesAgo: fc.constantFrom(0, 0, 0, 1),
  generation: fc.constantFrom(1, 1, 1, 1, 2),
  fails: fc.boolean(),
  refund: fc.boolean(),
  takeOver: fc.boolean(),
});

const deletedAsset = (status: 'COMPLETED' | 'EXPIRED') =>
  anAsset({ status, deletedAt: T0, dueAt: T0 });

const firstRows = fc.oneof(
  fc.constant(anAsset()),
  fc
    .constantFrom(...ASSET_STATUSES)
    .map((status) => (status === 'PROCESSING' ? aClaimedAsset() : anAsset({ status }))),
  fc.constant(aCompletedAsset()),
  fc.constantFrom('COMPLETED' as const, 'EXPIRED' as const).map(deletedAsset),
  fc.constant(aClaimedAsset({ attempts: ATTEMPTS_MAX, leaseUntil: T0 })),
  fc.nat(60).map((n) => anAsset({ history: new Array(n).fill(anAsset().history[0]) })),
);

function changeOf(move: Move, row: Asset, at: number, granted: readonly number[]): Change {
  const held = { generation: row.generation, fencingToken: granted.at(-1 - move.tokensAgo) ?? 0 };
  const read = { generation: row.generation, rev: row.rev - move.writesAgo };
  const leaseUntil = at + 45_000;
  const status = move.fails ? 'FAILED' : 'COMPLETED';
  const event = aThinEvent({ eventId: `event-${row.generation}-${status}`, status });
  switch (move.step) {
    case 'claim': {
      const claimId = `claim-${at}`;
      const { generation, takeOver } = move;
      return claim({ at, generation, claimId, sourceEtag: `"${at}"`, leaseUntil, takeOver });
    }
    case 'renew':
      return renew(held, { at, leaseUntil });
    case 'release': {
      const { refund } = move;
      return release(held, { at, dueAt: at + 1, lastError: 'x', code: 'INTERNAL', refund });
    }
    case 'commit': {
      const outcome = move.fails ? { failure: aFailure() } : { result: aResult() };
      return commit(held, { at, ending: { event, ...outcome } });
    }
    case 'clearOutbox':
      return clearOutbox({ at, eventId: move.tokensAgo ? 'another' : (row.eventId ?? '') });
    case 'defer':
      return defer(read, { at, dueAt: at + 1 });
    case 'fail': {
      const failed = aThinEvent({ eventId: `event-${row.generation}-FAILED`, status: 'FAILED' });
      const failure = aFailure({ code: 'RETRIES_EXHAUSTED' });
      return fail(read, { at, dueAt: at + 1, attemptsMax: ATTEMPTS_MAX, failure, event: failed });
    }
    case 'expire':
      return expire(read, { at });
    case 'unlist':
      return unlist(read, { at });
    case 'purge':
      return purge(read, { at });
    case 'extend':
      return extend({ at, uploadExpiresAt: at + 1, dueAt: at + 2 });
    case 'cancel':
      return cancel({ at, dueAt: at + 1 });
    case 'retry':
    case 'reprocess':
      return reopen(move.step, move, { at, dueAt: at + 1 });
    case 'delete':
      return softDelete(row, { at, dueAt: at + 1000 });
    case 'restore':
      return restore(row, { at, dueAt: at + 1 });
    case 'bury':
      return bury(row, { at });
    default:
      return move.step satisfies never;
  }
}

/** Plays random moves and judges every step that applied. */
function everyStep(law: (before: Asset, after: Asset, change: Change, move: Move) => void): void {
  fc.assert(
    fc.property(firstRows, fc.array(moves, { maxLength: 80, size: 'max' }), (first, played) => {
      let row = deepFreeze(first);
      let at = T0 + 1;
      const granted = [row.fencingToken];
      for (const move of played) {
        at += move.laterMs;
        const change = changeOf(move, row, at, granted);
        const next = applyChange(row, change);
        if (next) law(row, next, change, move);
        if (next && move.step === 'claim') granted.push(next.fencingToken);
        row = deepFreeze(next ?? row);
      }
    }),
  );
}

/** So that a change that writes into its row throws. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

describe('applying a change', () => {
  it('takes no step that the table of states forbids', () => {
    everyStep((before, after) => {
      expect(before.status === after.status || mayFollow(before.status, after.status)).toBe(true);
    });
  });

  it('is judged on every step there is', () => {
    const applied = new Set<string>();
    everyStep((_before, _after, { step }) => applied.add(step));
    expect([...applied].toSorted()).toEqual(
      [...WORKERS_STEPS, ...SWEEPERS_STEPS, ...CLIENTS_STEPS].toSorted(),
    );
  });

  it('counts every write in rev, by one', () => {
    everyStep((before, after, change) => {
      expect(after.rev).toBe(before.rev + 1);
      expect(after.updatedAt).toBe(change.at);
    });
  });

  it('never lets the fencing token fall, and moves it with every claim, release and fail', () => {
    everyStep((before, after, { step }) => {
      const moved = ['claim', 'release', 'fail'].includes(step) ? 1 : 0;
      expect(after.fencingToken).toBe(before.fencingToken + moved);
    });
  });

  it('lets only the holder of the token renew, release and commit', () => {
    everyStep((before, _after, { step, only }) => {
      if (!['renew', 'release', 'commit'].includes(step)) return;
      expect(before.status).toBe('PROCESSING');
      expect(only['token']).toEqual({ attr: 'fencingToken', eq: before.fencingToken });
    });
  });

  it('lets a sweeper write to the row as it was read, and to no other', () => {
    everyStep((before, _after, { step, only }) => {
      const bySweeper = (SWEEPERS_STEPS as readonly string[]).includes(step);
      expect(only['rev']).toEqual(bySweeper ? { attr: 'rev', eq: before.rev } : undefined);
    });
  });

  it('lets a sweeper fail an asset only where the lease has lapsed and no attempt is left', () => {
    everyStep(({ status, leaseUntil, attempts }, _after, { step, at }) => {
      if (step !== 'fail') return;
      expect(status).toBe('PROCESSING');
      expect(leaseUntil).toBeLessThan(at);
      expect(attempts).toBeGreaterThanOrEqual(ATTEMPTS_MAX);
    });
  });

  it('gives nobody a lease but by claim and renew', () => {
    everyStep((before, after, { step, at }) => {
      if (step === 'claim' || step === 'renew') expect(after.leaseUntil).toBeGreaterThan(at);
      else expect([undefined, 0, before.leaseUntil]).toContain(after.leaseUntil);
    });
  });

  it('leaves a finished generation as it ended', () => {
    const ending = ({ status, generation, result, failure, eventId, completedAt }: Asset) => ({
      status,
      generation,
      result,
      failure,
      eventId,
      completedAt,
    });
    everyStep((before, after, { step }) => {
      if (!isTerminal(before.status) || step === 'bury') return;
      if (step === 'retry' || step === 'reprocess') return;
      expect(ending(after)).toEqual(ending(before));
    });
  });

  it('opens the next generation from a told end alone, with all its attempts', () => {
    everyStep((before, after, { step }) => {
      if (step !== 'retry' && step !== 'reprocess') {
        expect(after.generation).toBe(before.generation);
        return;
      }
      expect(isTerminal(before.status)).toBe(true);
      expect([before.event, before.deletedAt]).toEqual([undefined, undefined]);
      expect(after).toMatchObject({ generation: before.generation + 1, attempts: 0 });
    });
  });

  it('takes over a lease that lapsed by itself only where that is meant', () => {
    everyStep((before, _after, { step }, { takeOver }) => {
      if (step === 'claim' && before.status === 'PROCESSING' && before.leaseUntil !== 0)
        expect(takeOver).toBe(true);
    });
  });

  it('claims nothing that is deleted, and publishes no event that a deletion would hide', () => {
    everyStep((before, after, { step }) => {
      if (step === 'claim') expect(before.deletedAt).toBeUndefined();
      if (after.deletedAt !== undefined && before.deletedAt === undefined)
        expect(after.event).toBeUndefined();
    });
  });

  it('restores nothing whose objects may be gone, and changes no tombstone', () => {
    everyStep((before, _after, { step }) => {
      if (before.purgingAt !== undefined) expect(step).not.toBe('restore');
      if (before.status === 'PURGED') expect(step).toBe('defer');
    });
  });

  it('ends with either a result or a failure, and an event of the same status', () => {
    everyStep((_before, after, { step }) => {
      if (step !== 'commit' && step !== 'fail') return;
      expect([after.result, after.failure].filter(Boolean)).toHaveLength(1);
      expect(after.event).toMatchObject({ status: after.status, eventId: after.eventId });
    });
  });

  it('keeps the ETag that the first claim saw', () => {
    everyStep((before, after, { step }) => {
      if (before.sourceEtag && step !== 'bury') expect(after.sourceEtag).toBe(before.sourceEtag);
    });
  });

  it('never counts fewer attempts than none', () => {
    everyStep((_before, { attempts }) => {
      expect(attempts).toBeGreaterThanOrEqual(0);
    });
  });

  it('keeps what is unfinished where the sweeper looks', () => {
    everyStep((_before, { status, dueAt, event }, { step }) => {
      const isHidden = step === 'delete' || step === 'purge';
      if (status === 'PENDING' || status === 'PROCESSING' || event || isHidden)
        expect(dueAt).toBeTypeOf('number');
    });
  });

  it('remembers the last changes, and no more than there is room for', () => {
    everyStep((before, { history }, { note }) => {
      expect(history.length).toBeLessThanOrEqual(
        Math.max(HISTORY_ENTRIES_MAX, before.history.length),
      );
      expect(history.at(-1)).toEqual(note ?? before.history.at(-1));
      if (note) expect(history.length).toBeLessThanOrEqual(HISTORY_ENTRIES_MAX);
    });
  });

  it('never touches who the asset is, and until it is buried what was declared', () => {
    everyStep((before, after, { step }) => {
      for (const attr of ['tenant', 'assetId', 'createdAt'] as const)
        expect(after[attr]).toBe(before[attr]);
      if (step === 'bury') return;
      for (const attr of ['fileName', 'contentType', 'size', 'correlationId'] as const)
        expect(after[attr]).toBe(before[attr]);
    });
  });
});

describe('one change', () => {
  const base = { step: 'claim', at: T0 + 1, only: {} } as const;

  it('is refused where any of its conditions does not hold', () => {
    const yes = { attr: 'generation', eq: 1 } as const;
    const no = { attr: 'generation', eq: 2 } as const;
    expect(applyChange(anAsset(), { ...base, only: { yes } })).not.toBeNull();
    expect(applyChange(anAsset(), { ...base, only: { yes, no } })).toBeNull();
  });

  it('writes, writes what is absent, adds and removes', () => {
    const after = applyChange(aClaimedAsset({ attempts: 2 }), {
      ...base,
      set: { claimId: 'new' },
      setIfAbsent: { sourceEtag: 'ignored', lastError: 'written' },
      add: { attempts: -1, fencingToken: 1 },
      remove: ['leaseUntil'],
    });
    expect(after).toMatchObject({
      claimId: 'new',
      sourceEtag: '"etag-1"',
      lastError: 'written',
      attempts: 1,
      fencingToken: 2,
    });
    expect(after).not.toHaveProperty('leaseUntil');
  });

  it('leaves the row it was given alone', () => {
    const row = deepFreeze(anAsset());
    const copy = structuredClone(row);
    applyChange(row, changeOf(aClaim, row, T0 + 1, []));
    expect(row).toEqual(copy);
  });

  it('drops the oldest of fifty notes for a new one', () => {
    const note = (n: number) => ({
      at: n,
      step: 'claim',
      status: 'PROCESSING' as const,
      generation: 1,
    });
    const history = Array.from({ length: HISTORY_ENTRIES_MAX }, (_, n) => note(n));
    const after = applyChange(anAsset({ history }), { ...base, note: note(99) });
    expect(after?.history).toHaveLength(50);
    expect(after?.history[0]).toEqual(note(1));
    expect(after?.history.at(-1)).toEqual(note(99));
  });
});

const aClaim: Move = {
  step: 'claim',
  laterMs: 0,
  tokensAgo: 0,
  writesAgo: 0,
  generation: 1,
  fails: false,
  refund: false,
  takeOver: false,
};
