import { describe, expect, it, vi } from 'vitest';
import type { Asset } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { softDelete } from '#domain/lifecycle.ts';
import { decode } from '#streams/decode.ts';
import { aMessage } from '../../support/a-message.ts';
import { aClaimedAsset, aCompletedAsset, aFailure, anAsset, KEY } from '../../support/an-asset.ts';
import { APP_LIMITS, appWorld } from '../../support/app-world.ts';
import { T0 } from '../../support/fixed-clock.ts';

const { event: _, dueAt: __, ...completed } = aCompletedAsset();
const failed: Asset = { ...completed, status: 'FAILED', failure: aFailure() };

type World = ReturnType<typeof appWorld>;
const retry = (world: World, signal?: AbortSignal) => world.client.commands.retryAsset(KEY, signal);
const commands = (world: World) =>
  world.sent.map(({ body }) => {
    const [job] = decode(aMessage(body));
    return job && 'command' in job ? job.command : null;
  });
const commandOf = (generation: number) => ({ kind: 'process', ...KEY, generation });

describe('retrying an asset', () => {
  it.each([
    ['retry', failed],
    ['reprocess', completed],
  ] as const)('opens a new generation to %s it, and sends the command', async (step, row) => {
    const world = appWorld();
    await world.given(row);
    const retried = await retry(world);
    expect(retried).toEqual({ step, asset: await world.row() });
    expect(retried.asset).toMatchObject({
      status: 'PENDING',
      generation: 2,
      attempts: 0,
      dueAt: T0 + APP_LIMITS.sweepDeferMs,
    });
    expect(retried.asset.history.at(-1)?.step).toBe(step);
    expect(commands(world)).toMatchObject([commandOf(2)]);
    expect(world.log.messages).toEqual(['asset reopened']);
  });

  it('writes before it sends', async () => {
    const world = appWorld();
    await world.given(failed);
    const send = world.queue.send.bind(world.queue);
    vi.spyOn(world.queue, 'send').mockImplementation((message, signal) => {
      world.assets.calls.push('send');
      return send(message, signal);
    });
    await retry(world);
    expect(world.assets.calls).toEqual(['get', 'retry', 'send']);
  });

  it('has the command claimed, and the first generation’s no more', async () => {
    const world = appWorld();
    await world.given(failed);
    await retry(world);
    const old = world.worker.commands.claimAsset(
      { kind: 'process', ...KEY, generation: 1 },
      { claimId: 'c', takeOver: true },
    );
    expect(await old).toEqual({ kind: 'idle', why: 'superseded' });
    const { asset } = await world.claimed({ kind: 'process', ...KEY, generation: 2 });
    expect(asset).toMatchObject({ generation: 2, attempts: 1, fencingToken: 2 });
  });

  it('shows at once to who reads through the cache', async () => {
    const world = appWorld();
    await world.given(failed);
    expect((await world.client.queries.getAsset(KEY)).status).toBe('FAILED');
    await retry(world);
    expect((await world.client.queries.getAsset(KEY)).status).toBe('PENDING');
  });
});

describe('a retry that is called twice', () => {
  it('opens one generation where the first reply was lost on the way to the store', async () => {
    const world = appWorld();
    await world.given(failed);
    const write = world.assets.write.bind(world.assets);
    // As the SDK does: the call is made again, with the same condition.
    vi.spyOn(world.assets, 'write').mockImplementationOnce(async (key, change, signal) => {
      await write(key, change, signal);
      return write(key, change, signal);
    });
    expect(await retry(world)).toMatchObject({ step: 'retry', asset: { generation: 2, rev: 4 } });
    expect(commands(world)).toMatchObject([commandOf(2)]);
  });

  it('opens one generation for two callers at once', async () => {
    const world = appWorld();
    await world.given(failed);
    const retried = await Promise.all([retry(world), retry(world)]);
    expect(retried.map(({ asset }) => asset.generation)).toEqual([2, 2]);
    expect(await world.row()).toMatchObject({ generation: 2, rev: 4 });
  });

  it('is refused the second time, while the new generation is under way', async () => {
    const world = appWorld();
    await world.given(failed);
    await retry(world);
    await expect(retry(world)).rejects.toMatchObject({ code: 'NOT_RETRYABLE', kind: 'conflict' });
    expect(await world.row()).toMatchObject({ generation: 2 });
    expect(world.sent).toHaveLength(1);
  });
});

describe('a retry that is refused', () => {
  it.each<[string, Asset | null, string, string]>([
    ['there is none', null, 'ASSET_NOT_FOUND', 'permanent'],
    ['it is purged', anAsset({ status: 'PURGED' }), 'ASSET_NOT_FOUND', 'permanent'],
    ['it is deleted', { ...failed, deletedAt: T0 }, 'ASSET_NOT_FOUND', 'permanent'],
    ['its event waits', aCompletedAsset(), 'EVENT_PENDING', 'conflict'],
    ['it is not uploaded yet', anAsset(), 'NOT_RETRYABLE', 'conflict'],
    ['a worker has it', aClaimedAsset(), 'NOT_RETRYABLE', 'conflict'],
    ['it is expired', anAsset({ status: 'EXPIRED' }), 'NOT_RETRYABLE', 'conflict'],
    ['it is cancelled', anAsset({ status: 'CANCELLED' }), 'NOT_RETRYABLE', 'conflict'],
  ])('leaves the asset as it is where %s', async (_what, row, code, kind) => {
    const world = appWorld();
    if (row) await world.given(row);
    await expect(retry(world)).rejects.toMatchObject({ code, kind });
    expect(await world.assets.get(KEY)).toEqual(row);
    expect([world.sent, world.log.lines]).toEqual([[], []]);
  });

  it('says what the asset has become since it was read', async () => {
    const world = appWorld();
    const row = await world.given(failed);
    const get = world.assets.get.bind(world.assets);
    vi.spyOn(world.assets, 'get').mockImplementationOnce(async (key) => {
      const read = await get(key);
      await world.assets.write(row, softDelete(row, { at: T0, dueAt: T0 + 1 }));
      return read;
    });
    await expect(retry(world)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
    expect(world.sent).toEqual([]);
  });

  it('is a conflict where the row cannot be said to speak against it', async () => {
    const world = appWorld();
    const row = await world.given(failed);
    vi.spyOn(world.assets, 'write').mockResolvedValueOnce({ applied: false, asset: row });
    await expect(retry(world)).rejects.toMatchObject({ code: 'NOT_RETRYABLE' });
  });
});

describe('a retry that half fails', () => {
  it('leaves the command that cannot be sent to the sweeper', async () => {
    const world = appWorld();
    await world.given(failed);
    vi.spyOn(world.queue, 'send').mockRejectedValueOnce(
      new ForgeError('QUEUE_UNAVAILABLE', 'transient', 'no answer'),
    );
    expect(await retry(world)).toMatchObject({ asset: { status: 'PENDING', generation: 2 } });
    expect((await world.row()).dueAt).toBe(T0 + APP_LIMITS.sweepDeferMs);
    expect(world.log.lines.at(-1)).toMatchObject({
      level: 'warn',
      fields: { ...KEY, generation: 2, step: 'retry', code: 'QUEUE_UNAVAILABLE' },
    });
  });

  it('fails where the store is down, and nothing is sent', async () => {
    const world = appWorld();
    await world.given(failed);
    world.assets.failNext();
    await expect(retry(world)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(world.sent).toEqual([]);
  });

  it('ends with its signal, before anything is written and before anything is sent', async () => {
    const world = appWorld();
    await world.given(failed);
    await expect(retry(world, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
    expect(await world.row()).toEqual(failed);

    const controller = new AbortController();
    const write = world.assets.write.bind(world.assets);
    vi.spyOn(world.assets, 'write').mockImplementationOnce(async (...input) => {
      const written = await write(...input);
      controller.abort(new Error('left later'));
      return written;
    });
    await expect(retry(world, controller.signal)).rejects.toThrow('left later');
    expect(world.sent).toEqual([]);
    expect(await world.row()).toMatchObject({ status: 'PENDING', dueAt: expect.any(Number) });
  });
});
