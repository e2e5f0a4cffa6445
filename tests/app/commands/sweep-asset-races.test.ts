/*
 * A sweep among others: workers, clients and sweepers that change the row while it is looked at, replies that are lost,
 * and processes that end between two calls.
 */
import { describe, expect, it, vi } from 'vitest';
import type { Asset } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { sourceKey } from '#domain/keys.ts';
import { type Change, claim, clearOutbox } from '#domain/protocol.ts';
import { defer, expire } from '#domain/sweeping.ts';
import {
  aClaimedAsset,
  aCompletedAsset,
  aFailure,
  anAsset,
  aResult,
  aThinEvent,
  KEY,
} from '../../support/an-asset.ts';
import { COMMAND } from '../../support/app-world.ts';
import { T0 } from '../../support/fixed-clock.ts';
import { ATTEMPTS_MAX, SWEEP_LIMITS, sweepWorld } from '../../support/sweep-world.ts';

/** When the sweeps of these tests begin. */
const NOW = T0 + 10_000_000;

const spent = aClaimedAsset({ attempts: ATTEMPTS_MAX, fencingToken: ATTEMPTS_MAX });
const cancelled = anAsset({ status: 'CANCELLED' });
const expired = anAsset({ status: 'EXPIRED' });
const bytes = new Uint8Array(4);

/** Every kind of row that a sweep writes to once, whether it has bytes, and what becomes of it. */
const KINDS: readonly [string, Asset, Uint8Array | null][] = [
  ['command sent', anAsset(), bytes],
  ['command sent', aClaimedAsset(), bytes],
  ['command sent', expired, bytes],
  ['expired', anAsset(), null],
  ['unlisted', expired, null],
  ['failed', spent, bytes],
  ['bytes removed', cancelled, bytes],
];

/** Lets something happen once the bus has the event, before the sweep forgets it. */
function afterNextPublish(world: ReturnType<typeof sweepWorld>, happens: () => unknown): void {
  const publish = world.events.publish.bind(world.events);
  vi.spyOn(world.events, 'publish').mockImplementationOnce(async (events, signal) => {
    const taken = await publish(events, signal);
    await happens();
    return taken;
  });
}

const claimNow = (generation = 1): Change =>
  claim({
    at: NOW,
    generation,
    claimId: 'claim-2',
    sourceEtag: '"e"',
    leaseUntil: NOW + 45_000,
    takeOver: true,
  });

describe('a row that moves on between the read and the write', () => {
  it.each([...KINDS, ['event published', aCompletedAsset(), bytes] as const])(
    'is left as it is, not "%s": $1.status',
    async (_finding, row, had) => {
      const world = sweepWorld();
      await world.given(row, had);
      const others = defer(row, { at: NOW, dueAt: NOW + 1 });
      world.afterNextRead(() => world.assets.write(KEY, others));
      expect(await world.sweep()).toBe('refused');
      expect(await world.row()).toEqual({
        ...row,
        rev: row.rev + 1,
        updatedAt: NOW,
        dueAt: NOW + 1,
      });
      expect(world.events.published).toEqual([]);
      expect(world.log.lines.map(({ fields }) => fields['finding'])).toEqual(['refused']);
    },
  );

  it('is not expired where its bytes came and were claimed', async () => {
    const world = sweepWorld();
    await world.given(anAsset(), null);
    world.afterNextRead(() => world.assets.write(KEY, claimNow()));
    expect(await world.sweep()).toBe('refused');
    expect((await world.row()).status).toBe('PROCESSING');
  });

  it('is not failed where a worker took it once more', async () => {
    const world = sweepWorld();
    await world.given(spent);
    world.afterNextRead(() => world.assets.write(KEY, claimNow()));
    expect(await world.sweep()).toBe('refused');
    expect(await world.row()).toMatchObject({ status: 'PROCESSING', attempts: ATTEMPTS_MAX + 1 });
  });

  it('is not failed where its worker was slow, and beats again', async () => {
    const world = sweepWorld();
    const held = await world.given(spent);
    world.afterNextRead(() => world.worker.commands.renewLease(held));
    expect(await world.sweep()).toBe('refused');
    const row = await world.worker.commands.commitEnding(held, { result: aResult() });
    expect(row.status).toBe('COMPLETED');
  });

  it('is not put off where a worker has it: the lease says when to look', async () => {
    const world = sweepWorld();
    await world.given(anAsset());
    world.afterNextRead(() => world.assets.write(KEY, claimNow()));
    expect(await world.sweep()).toBe('refused');
    expect((await world.row()).dueAt).toBe(NOW + 45_000);
  });

  it('has no event published where another was quicker', async () => {
    const world = sweepWorld();
    const row = await world.given(aCompletedAsset());
    const quicker = clearOutbox({ at: NOW, eventId: 'event-1' });
    world.afterNextRead(() => world.assets.write(KEY, quicker));
    expect(await world.sweep()).toBe('refused');
    expect(world.events.published).toEqual([]);
    expect(await world.row()).toMatchObject({ status: 'COMPLETED', rev: row.rev + 1 });
    expect(await world.row()).not.toHaveProperty('dueAt');
  });
});

describe('a row that moves on while its event is published', () => {
  it('has its event published under the same id, though another was quicker', async () => {
    const world = sweepWorld();
    const row = await world.given(aCompletedAsset());
    const quicker = clearOutbox({ at: NOW, eventId: 'event-1' });
    afterNextPublish(world, () => world.assets.write(KEY, quicker));
    expect(await world.sweep()).toBe('event published');
    expect(world.events.published.map(({ eventId }) => eventId)).toEqual([row.eventId]);
    expect(await world.row()).toMatchObject({ status: 'COMPLETED', rev: row.rev + 2 });
  });

  it('keeps the event of its next generation, which is not the one that was published', async () => {
    const world = sweepWorld();
    await world.given(aCompletedAsset());
    const next = { eventId: 'event-2', event: aThinEvent({ eventId: 'event-2', generation: 2 }) };
    const moved: Change = { step: 'commit', at: NOW, only: {}, set: { generation: 2, ...next } };
    afterNextPublish(world, () => world.assets.write(KEY, moved));
    await world.sweep();
    expect(world.events.published.map(({ eventId }) => eventId)).toEqual(['event-1']);
    expect(await world.row()).toMatchObject({ event: { eventId: 'event-2' } });
    expect(await world.row()).toHaveProperty('dueAt');
  });
});

describe('a late worker', () => {
  it('may neither commit nor renew once a sweep has failed its asset', async () => {
    const world = sweepWorld();
    const held = await world.given(spent);
    expect(await world.sweep()).toBe('failed');
    const failed = await world.row();
    const { commitEnding, renewLease, releaseAsset } = world.worker.commands;
    for (const ending of [{ result: aResult() }, { failure: aFailure() }]) {
      await expect(commitEnding(held, ending)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    }
    await expect(renewLease(held)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    const error = new ForgeError('INTERNAL', 'transient', 'x');
    await releaseAsset(held, { error, retryAfterSeconds: 1, refund: true });
    expect(await world.row()).toEqual(failed);
  });

  it('finds only the event to publish, under one id with the sweeper’s', async () => {
    const world = sweepWorld();
    await world.given(spent);
    await world.sweep();
    const failed = await world.row();
    const found = await world.worker.commands.claimAsset(COMMAND, {
      claimId: 'claim-9',
      takeOver: true,
    });
    expect(found).toEqual({ kind: 'unpublished', asset: failed });
    await world.worker.commands.clearEvent(failed);
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await world.sweep()).toBe('nothing');
  });
});

describe('a lost reply', () => {
  const writes = (world: ReturnType<typeof sweepWorld>): void => {
    // The read has its reply; the write after it has none.
    world.afterNextRead(() => world.assets.loseNextReply());
  };

  it.each(KINDS)('to "%s" is no harm: the next sweep finds it done', async (_f, row, had) => {
    const world = sweepWorld();
    await world.given(row, had);
    writes(world);
    await expect(world.sweep()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const written = await world.row();
    expect(written.rev).toBe(row.rev + 1);
    expect(await world.sweep()).toBe('nothing');
    expect(await world.row()).toEqual(written);
    expect(world.sent.length).toBeLessThanOrEqual(1);
  });

  it('to the putting off of an event leaves it for the next sweep that sees it', async () => {
    const world = sweepWorld();
    await world.given(aCompletedAsset());
    writes(world);
    await expect(world.sweep()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(world.events.published).toEqual([]);
    expect(await world.sweep()).toBe('nothing');
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await world.sweep()).toBe('event published');
    expect(world.events.published).toHaveLength(1);
  });

  it('to the forgetting of an event is no harm either', async () => {
    const world = sweepWorld();
    await world.given(aCompletedAsset());
    afterNextPublish(world, () => world.assets.loseNextReply());
    await expect(world.sweep()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await world.sweep()).toBe('nothing');
    expect(world.events.published).toHaveLength(1);
  });
});

describe('a process that ends between two calls', () => {
  const crash = (world: ReturnType<typeof sweepWorld>): void => {
    world.afterNextRead(() => world.assets.failNext());
  };

  it('has sent no command yet: it is sent after the next look, and the asset is processed once', async () => {
    const world = sweepWorld();
    await world.given(anAsset());
    world.afterNextRead(() => world.assets.loseNextReply());
    await expect(world.sweep()).rejects.toThrow('no answer');
    expect(await world.sweep()).toBe('nothing');
    expect(world.sent).toEqual([]);
    world.clock.advance(SWEEP_LIMITS.sweepDeferMs);
    expect(await world.sweep()).toBe('command sent');
    expect(world.sent).toHaveLength(1);

    const { asset } = await world.claimed();
    const again = await world.worker.commands.claimAsset(COMMAND, {
      claimId: 'claim-2',
      takeOver: true,
    });
    expect(again).toEqual({ kind: 'busy' });
    await world.worker.commands.commitEnding(asset, { result: aResult() });
    const last = await world.worker.commands.claimAsset(COMMAND, {
      claimId: 'claim-3',
      takeOver: true,
    });
    expect(last).toMatchObject({ kind: 'unpublished' });
    expect(await world.row()).toMatchObject({ status: 'COMPLETED', attempts: 1 });
  });

  it('has not put an event off yet: it is published by the next sweep', async () => {
    const world = sweepWorld();
    const row = await world.given(aCompletedAsset());
    crash(world);
    await expect(world.sweep()).rejects.toThrow('no answer');
    expect(await world.row()).toEqual(row);
    expect(world.events.published).toEqual([]);
    expect(await world.sweep()).toBe('event published');
  });

  it('has published an event: it is published again, under the same id', async () => {
    const world = sweepWorld();
    await world.given(aCompletedAsset());
    afterNextPublish(world, () => world.assets.failNext());
    await expect(world.sweep()).rejects.toThrow('no answer');
    expect(await world.sweep()).toBe('nothing');
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await world.sweep()).toBe('event published');
    const [first, second, ...more] = world.events.published;
    expect(second).toEqual(first);
    expect(more).toEqual([]);
  });

  it('has removed bytes: they are found removed', async () => {
    const world = sweepWorld();
    await world.given(cancelled);
    crash(world);
    await expect(world.sweep()).rejects.toThrow('no answer');
    expect(await world.objects.head(sourceKey(KEY))).toBeNull();
    expect(await world.sweep()).toBe('bytes removed');
    expect(await world.row()).not.toHaveProperty('dueAt');
  });

  it('has read nothing yet: nothing has happened', async () => {
    const world = sweepWorld();
    const row = await world.given(spent);
    world.assets.failNext();
    await expect(world.sweep()).rejects.toThrow('no answer');
    expect(await world.row()).toEqual(row);
    expect(world.log.lines).toEqual([]);
  });
});

describe('two sweepers at once', () => {
  it.each(KINDS)('agree that one "%s": $1.status', async (finding, row, had) => {
    const world = sweepWorld();
    await world.given(row, had);
    const findings = await Promise.all([world.sweep(), world.sweep()]);
    expect(findings.toSorted()).toEqual([finding, 'refused'].toSorted());
    expect((await world.row()).rev).toBe(row.rev + 1);
    expect(await world.sweep()).toBe('nothing');
  });

  it('publish one event once: the other is refused before it publishes', async () => {
    const world = sweepWorld();
    await world.given(aCompletedAsset());
    const findings = await Promise.all([world.sweep(), world.sweep()]);
    expect(findings.toSorted()).toEqual(['event published', 'refused']);
    expect(world.events.published).toHaveLength(1);
    expect(await world.row()).not.toHaveProperty('event');
    expect(await world.sweep()).toBe('nothing');
  });

  it('end an asset whose attempts are spent once, and it is told of under one id', async () => {
    const world = sweepWorld();
    await world.given(spent);
    await Promise.all([world.sweep(), world.sweep()]);
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    await Promise.all([world.sweep(), world.sweep()]);
    const { eventId, fencingToken } = await world.row();
    expect(new Set(world.events.published.map((told) => told.eventId))).toEqual(new Set([eventId]));
    expect(fencingToken).toBe(spent.fencingToken + 1);
  });

  it('do not take the expiry of one for a reason to send the command of the other', async () => {
    const world = sweepWorld();
    await world.given(anAsset(), null);
    world.afterNextRead(async () => {
      await world.assets.write(KEY, expire(anAsset(), { at: NOW }));
      await world.objects.put(sourceKey(KEY), bytes, 'video/mp4');
    });
    // Bytes that come after the URL's grace don't lose their event: it claims what has expired.
    expect(await world.sweep()).toBe('refused');
    expect(world.sent).toEqual([]);
    expect((await world.claimed()).asset.status).toBe('PROCESSING');
  });
});
