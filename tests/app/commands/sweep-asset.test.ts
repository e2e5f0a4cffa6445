/*
 * What a sweep does about one asset, over memory twins. Time stands where every row is due; a test moves it on. What
 * several processes do to the same row at once is in sweep-asset-races.test.ts.
 */
import { describe, expect, it, vi } from 'vitest';
import type { Asset } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { eventName } from '#domain/events.ts';
import { sourceKey } from '#domain/keys.ts';
import { restore } from '#domain/lifecycle.ts';
import { decode } from '#streams/decode.ts';
import { aMessage } from '../../support/a-message.ts';
import {
  aClaimedAsset,
  aCompletedAsset,
  aFailure,
  anAsset,
  aThinEvent,
  KEY,
} from '../../support/an-asset.ts';
import { T0 } from '../../support/fixed-clock.ts';
import { ATTEMPTS_MAX, SWEEP_LIMITS, sweepWorld } from '../../support/sweep-world.ts';

/** When the sweeps of these tests are. */
const NOW = T0 + 10_000_000;

const { event: _, dueAt: __, ...told } = aCompletedAsset();
const spent = aClaimedAsset({ attempts: ATTEMPTS_MAX, fencingToken: ATTEMPTS_MAX });

describe('an asset that needs nothing now', () => {
  it.each<[string, Asset | null]>([
    ['that is not there, whatever the index says', null],
    ['that is finished, whatever the index says', told],
    ['that has left the index', { ...told, status: 'EXPIRED' }],
    ['whose time has not come', anAsset({ dueAt: NOW + 1 })],
    ['whose upload may still come', anAsset({ uploadExpiresAt: NOW + 1 })],
    ['that a worker holds', aClaimedAsset({ leaseUntil: NOW + 1 })],
    ['whose lease ends this very moment', aClaimedAsset({ leaseUntil: NOW })],
    ['that a worker holds in the last attempt', { ...spent, leaseUntil: NOW }],
    ['that is deleted, and may be restored still', { ...told, deletedAt: T0, dueAt: NOW + 1 }],
    ['that is purged, though it is due', anAsset({ status: 'PURGED' })],
    ['that is purged', anAsset({ status: 'PURGED' })],
    ['that is finished, though it is due', { ...told, dueAt: NOW }],
  ])('is one %s', async (_what, row) => {
    const world = sweepWorld();
    if (row) await world.given(row, null);
    expect(await world.sweep()).toBe('nothing');
    expect(world.assets.calls).toEqual(['get']);
    expect(await world.assets.get(KEY)).toEqual(row);
    expect([world.sent, world.events.published, world.log.lines]).toEqual([[], [], []]);
  });

  it('keeps its bytes while it may be restored still', async () => {
    const world = sweepWorld();
    const row = await world.given({ ...told, deletedAt: T0, dueAt: NOW + 1 });
    expect(await world.sweep()).toBe('nothing');
    expect(await world.objects.head(sourceKey(row))).not.toBeNull();
  });
});

describe('bytes whose event is lost', () => {
  it.each<[string, Asset]>([
    ['PENDING', anAsset()],
    ['PENDING while the upload may still go on', anAsset({ uploadExpiresAt: NOW + 1 })],
    ['PENDING in a later generation', anAsset({ generation: 2 })],
    ['EXPIRED, because the bytes came late', anAsset({ status: 'EXPIRED' })],
    ['PROCESSING, and left by its worker', aClaimedAsset()],
    ['PROCESSING, and given back', aClaimedAsset({ leaseUntil: 0 })],
    ['PROCESSING with one attempt left', { ...spent, attempts: ATTEMPTS_MAX - 1 }],
  ])('get a command where the asset is %s', async (_what, row) => {
    const world = sweepWorld();
    await world.given(row);
    expect(await world.sweep()).toBe('command sent');
    expect(world.sent).toEqual([
      { body: expect.any(String), attributes: { correlationId: 'correlation-1' } },
    ]);
    const [job] = decode(aMessage(world.sent[0]?.body ?? ''));
    expect(job).toMatchObject({
      command: { kind: 'process', ...KEY, generation: row.generation },
    });
    const dueAt = NOW + SWEEP_LIMITS.sweepDeferMs;
    expect(await world.row()).toEqual({ ...row, rev: row.rev + 1, updatedAt: NOW, dueAt });
  });

  it('get another when the first has had its time, and not before', async () => {
    const world = sweepWorld();
    await world.given(anAsset());
    await world.sweep();
    world.clock.advance(SWEEP_LIMITS.sweepDeferMs - 1);
    expect(await world.sweep()).toBe('nothing');
    world.clock.advance(1);
    expect(await world.sweep()).toBe('command sent');
    expect(world.sent).toHaveLength(2);
  });

  it('are not looked for where an earlier attempt saw them: their loss is for a worker to tell', async () => {
    const world = sweepWorld();
    await world.given(aClaimedAsset(), null);
    expect(await world.sweep()).toBe('command sent');
  });

  it('wait where it cannot be known whether they are there', async () => {
    const world = sweepWorld();
    const row = await world.given(anAsset());
    world.objects.head = async () => {
      throw new ForgeError('OBJECT_STORE_UNAVAILABLE', 'transient', 'no answer');
    };
    await expect(world.sweep()).rejects.toMatchObject({ code: 'OBJECT_STORE_UNAVAILABLE' });
    expect(await world.row()).toEqual(row);
    expect(world.sent).toEqual([]);
  });

  it('are looked at again where the command could not be sent', async () => {
    const world = sweepWorld();
    await world.given(anAsset());
    const { send } = world.queue;
    world.queue.send = async () => {
      throw new ForgeError('QUEUE_UNAVAILABLE', 'transient', 'no answer');
    };
    await expect(world.sweep()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    world.queue.send = send;
    world.clock.advance(SWEEP_LIMITS.sweepDeferMs);
    expect(await world.sweep()).toBe('command sent');
  });

  it('make a backlog longer ever more seldom: each look that finds them as before doubles the wait', async () => {
    const world = sweepWorld();
    await world.given(anAsset());
    const { sweepDeferMs, sweepDeferMsMax } = SWEEP_LIMITS;
    const waits: number[] = [];
    for (let look = 0; look < 7; look += 1) {
      expect(await world.sweep()).toBe('command sent');
      waits.push(((await world.row()).dueAt ?? 0) - world.clock.now());
      world.clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 12, 12, 12].map((times) => times * sweepDeferMs));
    expect(sweepDeferMsMax).toBe(12 * sweepDeferMs);
  });
});

describe('an upload that never came', () => {
  it('expires, and leaves the index without an event', async () => {
    const world = sweepWorld();
    await world.given(anAsset({ uploadExpiresAt: NOW }), null);
    expect(await world.sweep()).toBe('expired');
    const row = await world.row();
    expect(row).toMatchObject({ status: 'EXPIRED', rev: 2 });
    expect(row).not.toHaveProperty('dueAt');
    expect(row).not.toHaveProperty('event');
    expect(await world.sweep()).toBe('nothing');
    expect(world.sent).toEqual([]);
  });

  it('may come late all the same, and is claimed by its event', async () => {
    const world = sweepWorld();
    await world.given(anAsset(), null);
    await world.sweep();
    await world.objects.put(sourceKey(KEY), new Uint8Array(4), 'video/mp4');
    expect((await world.claimed()).asset).toMatchObject({ status: 'PROCESSING', attempts: 1 });
  });

  it('expires in its second generation too, once its object has vanished', async () => {
    const world = sweepWorld();
    await world.given(anAsset({ generation: 2, fencingToken: 3, sourceEtag: '"e"' }), null);
    expect(await world.sweep()).toBe('expired');
    const row = await world.row();
    expect(row).toMatchObject({ status: 'EXPIRED', generation: 2, fencingToken: 3 });
    expect(row.history.at(-1)).toMatchObject({ step: 'expire', generation: 2 });
    expect(world.events.published).toEqual([]);
  });

  it('leaves the index where it expired long ago and came back into it', async () => {
    const world = sweepWorld();
    await world.given(anAsset({ status: 'EXPIRED' }), null);
    expect(await world.sweep()).toBe('unlisted');
    expect(await world.row()).toMatchObject({ status: 'EXPIRED', rev: 2 });
    expect(await world.row()).not.toHaveProperty('dueAt');
  });
});

describe('an asset that was deleted and restored', () => {
  const restoredTo = async (status: 'EXPIRED' | 'CANCELLED' | 'COMPLETED', bytes: boolean) => {
    const world = sweepWorld();
    const row = await world.given(
      { ...told, status, deletedAt: T0, dueAt: NOW + 1000 },
      bytes ? new Uint8Array(4) : null,
    );
    await world.assets.write(row, restore(row, { at: NOW, dueAt: NOW }));
    return world;
  };

  it('is processed where it had expired and its bytes have come meanwhile', async () => {
    const world = await restoredTo('EXPIRED', true);
    expect(await world.sweep()).toBe('command sent');
    expect((await world.claimed()).asset.status).toBe('PROCESSING');
  });

  it('leaves the index again where it had expired and none have come', async () => {
    const world = await restoredTo('EXPIRED', false);
    expect(await world.sweep()).toBe('unlisted');
    expect(await world.sweep()).toBe('nothing');
  });

  it('loses the bytes that came though it was cancelled', async () => {
    const world = await restoredTo('CANCELLED', true);
    expect(await world.sweep()).toBe('bytes removed');
    expect(await world.objects.head(sourceKey(KEY))).toBeNull();
  });

  it('needs nothing more where it is finished', async () => {
    const world = await restoredTo('COMPLETED', true);
    expect(await world.sweep()).toBe('nothing');
    expect(await world.objects.head(sourceKey(KEY))).not.toBeNull();
  });
});

describe('a cancelled upload', () => {
  it.each([
    ['that came all the same', new Uint8Array(4)],
    ['that never came', null],
  ])('%s leaves neither bytes nor an entry in the index', async (_what, bytes) => {
    const world = sweepWorld();
    const row = await world.given(anAsset({ status: 'CANCELLED' }), bytes);
    expect(await world.sweep()).toBe('bytes removed');
    expect(await world.objects.head(sourceKey(row))).toBeNull();
    expect(await world.row()).toMatchObject({ status: 'CANCELLED', rev: 2 });
    expect(await world.row()).not.toHaveProperty('dueAt');
    expect(world.events.published).toEqual([]);
  });

  it('stays in the index while its bytes cannot be removed', async () => {
    const world = sweepWorld();
    const row = await world.given(anAsset({ status: 'CANCELLED' }));
    world.objects.remove = async () => {
      throw new ForgeError('OBJECT_STORE_UNAVAILABLE', 'transient', 'no answer');
    };
    await expect(world.sweep()).rejects.toThrow('no answer');
    expect(await world.row()).toEqual(row);
  });
});

describe('an event that waits', () => {
  const failed = aThinEvent({ type: 'VideoFailedEvent', status: 'FAILED', failure: aFailure() });

  it.each<[string, Asset]>([
    ['a result', aCompletedAsset()],
    ['a failure', aCompletedAsset({ status: 'FAILED', event: failed, failure: aFailure() })],
  ])('of %s is published and forgotten; the asset leaves the index', async (_what, row) => {
    const world = sweepWorld();
    await world.given(row);
    expect(await world.sweep()).toBe('event published');
    expect(world.events.published).toEqual([
      {
        ...row.event,
        schemaVersion: 1,
        ...KEY,
        fileName: 'holiday.mp4',
        contentType: 'video/mp4',
        size: 1000,
        correlationId: 'correlation-1',
      },
    ]);
    const { event: _e, dueAt: _d, ...rest } = row;
    expect(await world.row()).toEqual({ ...rest, rev: row.rev + 2, updatedAt: NOW });
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await world.sweep()).toBe('nothing');
    expect(world.events.published).toHaveLength(1);
  });

  it('is put off before it is published, and forgotten after', async () => {
    const world = sweepWorld();
    await world.given(aCompletedAsset());
    const publish = world.events.publish.bind(world.events);
    vi.spyOn(world.events, 'publish').mockImplementationOnce((events, signal) => {
      world.assets.calls.push('publish');
      return publish(events, signal);
    });
    await world.sweep();
    expect(world.assets.calls).toEqual(['get', 'defer', 'publish', 'clearOutbox']);
  });

  it('is kept and put off where the bus refuses it, and published once it takes it', async () => {
    const world = sweepWorld();
    const row = await world.given(aCompletedAsset());
    world.events.mood = 'refuses';
    expect(await world.sweep()).toBe('event not taken');
    const dueAt = NOW + SWEEP_LIMITS.outboxDueMs;
    expect(await world.row()).toEqual({ ...row, rev: row.rev + 1, updatedAt: NOW, dueAt });
    world.events.mood = 'takes';
    world.clock.advance(SWEEP_LIMITS.outboxDueMs - 1);
    expect(await world.sweep()).toBe('nothing');
    world.clock.advance(1);
    expect(await world.sweep()).toBe('event published');
    expect(world.events.published).toHaveLength(1);
  });

  it('is kept and put off where the bus is out', async () => {
    const world = sweepWorld();
    const row = await world.given(aCompletedAsset());
    world.events.mood = 'is out';
    await expect(world.sweep()).rejects.toMatchObject({ code: 'EVENT_BUS_UNAVAILABLE' });
    const dueAt = NOW + SWEEP_LIMITS.outboxDueMs;
    expect(await world.row()).toEqual({ ...row, rev: row.rev + 1, updatedAt: NOW, dueAt });
    world.events.mood = 'takes';
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await world.sweep()).toBe('event published');
  });
});

describe('an asset whose attempts are spent', () => {
  it('fails, retryable, with what the last attempt ended with', async () => {
    const world = sweepWorld();
    await world.given({ ...spent, lastError: 'JOB_TIMEOUT: not done after 900000 ms' });
    expect(await world.sweep()).toBe('failed');
    const failure = {
      code: 'RETRIES_EXHAUSTED',
      detail:
        '5 attempts did not end; the last one ended with JOB_TIMEOUT: not done after 900000 ms',
      stage: 'analyse',
      retryable: true,
    };
    const row = await world.row();
    expect(row).toMatchObject({
      status: 'FAILED',
      failure,
      completedAt: NOW,
      dueAt: NOW + SWEEP_LIMITS.outboxDueMs,
      fencingToken: spent.fencingToken + 1,
      event: { type: 'VideoFailedEvent', status: 'FAILED', generation: 1, failure },
    });
    expect(row).not.toHaveProperty('leaseUntil');
    expect(world.sent).toEqual([]);
  });

  it('says nothing of a last error where there was none: its workers just went away', async () => {
    const world = sweepWorld();
    await world.given(spent);
    await world.sweep();
    expect((await world.row()).failure?.detail).toBe('5 attempts did not end');
  });

  it('fails though its bytes are gone', async () => {
    const world = sweepWorld();
    await world.given(spent, null);
    expect(await world.sweep()).toBe('failed');
  });

  it('publishes once, in a later sweep', async () => {
    const world = sweepWorld();
    await world.given(spent);
    await world.sweep();
    expect(await world.sweep()).toBe('nothing');
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await world.sweep()).toBe('event published');
    world.clock.advance(SWEEP_LIMITS.outboxDueMs);
    expect(await world.sweep()).toBe('nothing');
    expect(world.events.published).toHaveLength(1);
    expect(await world.row()).toMatchObject({ status: 'FAILED', rev: spent.rev + 3 });
  });

  it('has the event id that a worker’s commit would have given it', async () => {
    const world = sweepWorld();
    await world.given(spent);
    await world.sweep();
    const { eventId } = await world.row();

    const other = sweepWorld();
    const held = await other.given(spent);
    const failure = aFailure({ code: 'RETRIES_EXHAUSTED' });
    const committed = await other.worker.commands.commitEnding(held, { failure });
    expect(eventId).toBe(committed.eventId);
    expect(eventId).toBe(world.ids.uuidOf(eventName(spent, 'FAILED')));
  });
});

describe('the log', () => {
  it.each<[string, Asset, string]>([
    ['what was done', anAsset(), 'command sent'],
    ['an ending', spent, 'failed'],
    ['a publication', aCompletedAsset(), 'event published'],
  ])('tells %s in one line', async (_what, row, finding) => {
    const world = sweepWorld();
    await world.given(row);
    await world.sweep();
    const { status, generation, correlationId } = row;
    const fields = { ...KEY, generation, correlationId, status, finding };
    expect(world.log.lines).toEqual([{ level: 'info', message: 'asset swept', fields }]);
  });
});

describe('a sweep whose signal is aborted', () => {
  it('hands its signal on to the look for bytes', async () => {
    const world = sweepWorld();
    await world.given(anAsset());
    const head = vi.spyOn(world.objects, 'head');
    const { signal } = new AbortController();
    await world.sweep(signal);
    expect(head).toHaveBeenCalledExactlyOnceWith(sourceKey(KEY), signal);
  });

  it('looks at nothing', async () => {
    const world = sweepWorld();
    await world.given(anAsset());
    await expect(world.sweep(AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(world.sent).toEqual([]);
  });

  it.each<[string, Asset, Uint8Array | null]>([
    ['sends no command', aClaimedAsset(), new Uint8Array(4)],
    ['looks for no bytes', anAsset(), new Uint8Array(4)],
    ['expires nothing', anAsset(), null],
    ['fails nothing', spent, null],
    ['publishes nothing', aCompletedAsset(), null],
    ['removes nothing', anAsset({ status: 'CANCELLED' }), new Uint8Array(4)],
  ])('%s after its read', async (_what, row, bytes) => {
    const world = sweepWorld();
    await world.given(row, bytes);
    const controller = new AbortController();
    world.afterNextRead(() => controller.abort(new Error('left')));
    await expect(world.sweep(controller.signal)).rejects.toThrow('left');
    expect(await world.row()).toEqual(row);
    expect([world.sent, world.events.published, world.log.lines]).toEqual([[], [], []]);
    if (bytes) expect(await world.objects.head(sourceKey(KEY))).not.toBeNull();
  });
});
