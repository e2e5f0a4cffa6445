/*
 * Where the sweeper's promises become observables, over stubs; then over memory twins, where nothing is stubbed.
 */
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SweeperApp } from '#app/app.ts';
import { ForgeError } from '#domain/errors.ts';
import { sourceKey } from '#domain/keys.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import { liveSweep } from '#streams/live-sweep.ts';
import { sweeper, sweepOnce } from '#streams/sweeper.ts';
import { aClaimedAsset, aCompletedAsset, anAsset, KEY } from '../support/an-asset.ts';
import { BYTES } from '../support/app-world.ts';
import { named } from '../support/fake-stages.ts';
import { FixedClock, T0 } from '../support/fixed-clock.ts';
import { RecordedLog } from '../support/recorded-log.ts';
import { ATTEMPTS_MAX, SWEEP_LIMITS, sweepWorld } from '../support/sweep-world.ts';

const denied = new ForgeError('ACCESS_DENIED', 'transient', 'the index may not be read');

function setUp() {
  const due = vi.fn<AssetStore['due']>(async () => [KEY]);
  const sweepAsset = vi.fn<SweeperApp['commands']['sweepAsset']>(async () => 'expired');
  const clock = new FixedClock();
  const assets: AssetStore = {
    shards: 3,
    due,
    create: vi.fn<AssetStore['create']>(),
    write: vi.fn<AssetStore['write']>(),
    get: vi.fn<AssetStore['get']>(),
  };
  const log = new RecordedLog();
  const limits = { sweepKeysMax: 7 };
  return {
    due,
    sweepAsset,
    clock,
    log,
    stages: liveSweep({ app: { commands: { sweepAsset } }, assets, clock, log, limits }),
  };
}

describe('a look at the index', () => {
  it('asks one shard for what is due now, as much as may be at once', async () => {
    const { stages, due, clock } = setUp();
    const look$ = stages.due(2);
    expect(due).not.toHaveBeenCalled();
    clock.advance(5);
    expect(await firstValueFrom(look$)).toEqual([KEY]);
    const query = { shard: 2, dueUntil: T0 + 5, keysMax: 7 };
    expect(due.mock.calls).toEqual([[query, expect.any(AbortSignal)]]);
  });

  it('knows as many shards as the store has', () => {
    expect(setUp().stages.shards).toBe(3);
  });

  it('is told of and not tried again where it fails: the next sweep is the retry', async () => {
    const { stages, due, log } = setUp();
    due.mockRejectedValue(denied);
    await expect(firstValueFrom(stages.due(2))).rejects.toBe(denied);
    expect(due).toHaveBeenCalledTimes(1);
    const fields = { shard: 2, code: 'ACCESS_DENIED', reason: 'the index may not be read' };
    expect(log.lines).toEqual([{ level: 'warn', message: 'sweep failed', fields }]);
  });

  it('is aborted when nobody waits for it any more', () => {
    const { stages, due } = setUp();
    due.mockReturnValue(new Promise(() => {}));
    stages.due(0).subscribe().unsubscribe();
    expect(due.mock.calls[0]?.[1]?.aborted).toBe(true);
  });
});

describe('a look at an asset', () => {
  it('is the use case', async () => {
    const { stages, sweepAsset } = setUp();
    const look$ = stages.sweep(KEY);
    expect(sweepAsset).not.toHaveBeenCalled();
    expect(await firstValueFrom(look$)).toBe('expired');
    expect(sweepAsset.mock.calls).toEqual([[KEY, expect.any(AbortSignal)]]);
    expect(sweepAsset.mock.calls[0]?.[1]?.aborted).toBe(false);
  });

  it('is told of and not tried again where it fails: the next sweep is the retry', async () => {
    const { stages, sweepAsset, log } = setUp();
    const bug = new TypeError('no such thing');
    sweepAsset.mockRejectedValue(bug);
    await expect(firstValueFrom(stages.sweep(KEY))).rejects.toBe(bug);
    expect(sweepAsset).toHaveBeenCalledTimes(1);
    const fields = { ...KEY, code: 'INTERNAL', reason: 'no such thing' };
    expect(log.lines).toEqual([{ level: 'warn', message: 'sweep failed', fields }]);
  });

  it('is aborted when nobody waits for it any more', () => {
    const { stages, sweepAsset, log } = setUp();
    sweepAsset.mockReturnValue(new Promise(() => {}));
    stages.sweep(KEY).subscribe().unsubscribe();
    expect(sweepAsset.mock.calls[0]?.[1]?.aborted).toBe(true);
    expect(log.lines).toEqual([]);
  });
});

describe('a live sweeper', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const stagesOf = (world: ReturnType<typeof sweepWorld>, sweepKeysMax = 100) =>
    liveSweep({ ...world, limits: { sweepKeysMax } });
  const pass = (world: ReturnType<typeof sweepWorld>, sweepKeysMax?: number) =>
    lastValueFrom(sweepOnce(stagesOf(world, sweepKeysMax), 2).pipe(toArray()));

  it('does in one pass what each asset needs, the longest due first', async () => {
    const world = sweepWorld();
    const { event: _, dueAt: __, ...finished } = aCompletedAsset(named('f'));
    const spent = { attempts: ATTEMPTS_MAX, leaseUntil: 0, dueAt: T0 + 1 };
    await world.given(anAsset({ ...named('a'), dueAt: T0 + 5 }));
    await world.given(anAsset({ ...named('b'), dueAt: T0 + 4 }), null);
    await world.given(anAsset({ ...named('c'), status: 'CANCELLED', dueAt: T0 + 3 }));
    await world.given(aCompletedAsset({ ...named('d'), dueAt: T0 + 2 }));
    await world.given(aClaimedAsset({ ...named('e'), ...spent }));
    await world.given(finished);
    const swept = await pass(world);
    expect(swept).toEqual([
      { key: named('e'), finding: 'failed' },
      { key: named('d'), finding: 'event published' },
      { key: named('c'), finding: 'bytes removed' },
      { key: named('b'), finding: 'expired' },
      { key: named('a'), finding: 'command sent' },
    ]);
    expect(await world.objects.head(sourceKey(named('f')))).not.toBeNull();
    expect(await pass(world)).toEqual([]);
  });

  it('gets through more than it may look at in one pass', async () => {
    const world = sweepWorld();
    for (const letter of 'abcde') await world.given(anAsset(named(letter)), null);
    const sizes = [await pass(world, 2), await pass(world, 2), await pass(world, 2)];
    expect(sizes.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(await pass(world, 2)).toEqual([]);
  });

  it('finds again what it could not finish', async () => {
    const world = sweepWorld();
    await world.given(aCompletedAsset());
    world.events.mood = 'is out';
    expect(await pass(world)).toEqual([{ key: KEY, finding: 'error' }]);
    world.events.mood = 'takes';
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await pass(world)).toEqual([{ key: KEY, finding: 'event published' }]);
  });

  it.each([
    ['is out', 'error'],
    ['refuses', 'event not taken'],
  ] as const)(
    'gets to younger assets though the bus %s: old events do not take every look',
    async (mood, finding) => {
      const world = sweepWorld();
      await world.given(aCompletedAsset({ ...named('a'), dueAt: T0 + 1 }));
      await world.given(aCompletedAsset({ ...named('b'), dueAt: T0 + 2 }));
      await world.given(anAsset({ ...named('c'), dueAt: T0 + 3 }));
      world.events.mood = mood;
      expect(await pass(world, 2)).toEqual([
        { key: named('a'), finding },
        { key: named('b'), finding },
      ]);
      // Time enough for the events to be due again: all three are, and the younger asset has waited longest.
      world.clock.advance(SWEEP_LIMITS.outboxDueMs);
      expect(await pass(world, 2)).toContainEqual({ key: named('c'), finding: 'command sent' });
      expect(world.sent).toHaveLength(1);
    },
  );

  it('sweeps on and on, until nobody listens', async () => {
    vi.useFakeTimers();
    const world = sweepWorld();
    await world.given(anAsset(), BYTES);
    const options = { everyMs: 15_000, concurrency: 8, random: () => 0.5 };
    const findings: string[] = [];
    const subscription = sweeper(stagesOf(world), options).subscribe(({ finding }) =>
      findings.push(finding),
    );
    await vi.advanceTimersByTimeAsync(7499);
    expect(findings).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(findings).toEqual(['command sent']);
    world.clock.advance(300_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(findings).toEqual(['command sent', 'command sent']);
    subscription.unsubscribe();
    world.clock.advance(300_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(findings).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
