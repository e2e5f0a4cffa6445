import { describe, expect, it } from 'vitest';
import { eventName } from '#domain/events.ts';
import { aClaimedAsset, aFailure, anAsset, aResult, KEY } from '../../support/an-asset.ts';
import { appWorld, COMMAND } from '../../support/app-world.ts';
import { T0 } from '../../support/fixed-clock.ts';

const result = aResult();
const failure = aFailure();

describe('committing an ending', () => {
  it('completes the asset with its result and the event that tells of it', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    world.clock.advance(1000);
    const row = await world.worker.commands.commitEnding(asset, { result });
    expect(row).toMatchObject({
      status: 'COMPLETED',
      completedAt: T0 + 1000,
      dueAt: asset.dueAt,
      result,
      event: {
        eventId: row.eventId,
        type: 'VideoProcessedEvent',
        occurredAt: '2026-01-02T03:04:06.000Z',
        status: 'COMPLETED',
        generation: 1,
        summary: { kind: 'video', durationSeconds: 10, width: 1080, height: 1920 },
      },
    });
    expect(await world.row()).toEqual(row);
    expect(world.log.lines.at(-1)).toMatchObject({
      message: 'asset ended',
      fields: { assetId: KEY.assetId, status: 'COMPLETED', correlationId: 'correlation-1' },
    });
  });

  it('fails the asset with the reason, in the event too', async () => {
    const world = appWorld();
    const asset = await world.given(aClaimedAsset());
    const row = await world.worker.commands.commitEnding(asset, { failure });
    expect(row).toMatchObject({
      status: 'FAILED',
      failure,
      event: { type: 'VideoFailedEvent', status: 'FAILED', failure },
    });
    expect(row).not.toHaveProperty('result');
    expect(row.event).not.toHaveProperty('summary');
    expect(world.log.lines.at(-1)?.fields).toMatchObject({ code: 'CORRUPT_MEDIA' });
  });

  it('shows the ending to those who ask the cache', async () => {
    const world = appWorld();
    const asset = await world.given(aClaimedAsset());
    const row = await world.worker.commands.commitEnding(asset, { result });
    expect(await world.cache.get(KEY)).toEqual(row);
    world.clock.advance(2001);
    expect(await world.cache.get(KEY)).toBeNull();
  });
});

describe('the event id', () => {
  const idOf = async (
    generation: number,
    ending: { result: typeof result } | { failure: typeof failure },
  ) => {
    const world = appWorld();
    world.clock.advance(Number(generation) * 1000);
    const asset = await world.given(aClaimedAsset({ generation, fencingToken: generation * 7 }));
    return (await world.worker.commands.commitEnding(asset, ending)).eventId;
  };

  it('is equal whoever commits, whenever: one for each end of a generation', async () => {
    expect(await idOf(1, { result })).toBe(await idOf(1, { result: aResult({ derivatives: [] }) }));
    const ids = [
      await idOf(1, { result }),
      await idOf(1, { failure }),
      await idOf(2, { result }),
      await idOf(2, { failure }),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe('a lost reply', () => {
  it('is recognised by token and event id: the commit is found done', async () => {
    const world = appWorld();
    const asset = await world.given(aClaimedAsset());
    world.assets.loseNextReply();
    const commit = () => world.worker.commands.commitEnding(asset, { result });
    await expect(commit()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    world.clock.advance(500);
    const row = await commit();
    expect(row).toMatchObject({ status: 'COMPLETED', rev: 3, completedAt: T0 });
    expect(await world.row()).toEqual(row);
    expect(world.log.messages).toEqual(['asset ended']);
  });

  it('is found done though the event has been published since', async () => {
    const world = appWorld();
    const asset = await world.given(aClaimedAsset());
    const row = await world.worker.commands.commitEnding(asset, { result });
    await world.worker.commands.clearEvent(row);
    const again = await world.worker.commands.commitEnding(asset, { result });
    expect(again.status).toBe('COMPLETED');
    expect(again).not.toHaveProperty('event');
  });
});

describe('a commit that comes too late', () => {
  const lost = { code: 'LEASE_LOST', kind: 'conflict' };

  it('changes nothing once another has the asset', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    world.clock.advance(45_001);
    const { asset: others } = await world.claimed(COMMAND, 'claim-2');
    const late = world.worker.commands.commitEnding(asset, { result });
    await expect(late).rejects.toMatchObject(lost);
    expect(await world.row()).toEqual(others);
    expect(await world.cache.get(KEY)).toBeNull();
  });

  it('changes nothing once another has ended it, the same way or the other', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    world.clock.advance(45_001);
    const { asset: others } = await world.claimed(COMMAND, 'claim-2');
    const row = await world.worker.commands.commitEnding(others, { result });
    for (const ending of [{ result }, { failure }]) {
      const late = world.worker.commands.commitEnding(asset, ending);
      await expect(late).rejects.toMatchObject(lost);
    }
    expect(await world.row()).toEqual(row);
  });

  it('does not end the other way what it has ended itself', async () => {
    const world = appWorld();
    const asset = await world.given(aClaimedAsset());
    await world.worker.commands.commitEnding(asset, { result });
    const other = world.worker.commands.commitEnding(asset, { failure });
    await expect(other).rejects.toMatchObject(lost);
    expect((await world.row()).status).toBe('COMPLETED');
  });

  it('is lost where the generation has been left since', async () => {
    const world = appWorld();
    const asset = aClaimedAsset();
    const eventId = world.ids.uuidOf(eventName(asset, 'COMPLETED'));
    await world.given(anAsset({ generation: 2, fencingToken: 1, eventId }));
    const late = world.worker.commands.commitEnding(asset, { result });
    await expect(late).rejects.toMatchObject(lost);
  });

  it('is lost where there is no asset', async () => {
    const late = appWorld().worker.commands.commitEnding(aClaimedAsset(), { result });
    await expect(late).rejects.toMatchObject(lost);
  });
});
