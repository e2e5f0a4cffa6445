import { describe, expect, it } from 'vitest';
import { aCompletedAsset, aThinEvent } from '../../support/an-asset.ts';
import { appWorld } from '../../support/app-world.ts';

describe('clearing a published event', () => {
  it('leaves a row that needs nothing more', async () => {
    const world = appWorld();
    const asset = await world.given(aCompletedAsset());
    await world.worker.commands.clearEvent(asset);
    const row = await world.row();
    expect(row).toMatchObject({ status: 'COMPLETED', eventId: 'event-1', rev: 4 });
    expect(row).not.toHaveProperty('event');
    expect(row).not.toHaveProperty('dueAt');
    expect(world.log.lines.at(-1)).toMatchObject({
      message: 'event published',
      fields: { eventId: 'event-1', type: 'VideoProcessedEvent' },
    });
  });

  it('is no error where another has cleared it: it was published twice, under one id', async () => {
    const world = appWorld();
    const asset = await world.given(aCompletedAsset());
    await world.worker.commands.clearEvent(asset);
    await world.worker.commands.clearEvent(asset);
    expect((await world.row()).rev).toBe(4);
  });

  it('leaves the event of a later end where it waits', async () => {
    const world = appWorld();
    const later = { eventId: 'event-2', event: aThinEvent({ eventId: 'event-2' }) };
    const row = await world.given(aCompletedAsset({ generation: 2, ...later }));
    await world.worker.commands.clearEvent(aCompletedAsset());
    expect(await world.row()).toEqual(row);
  });

  it('has nothing to do where nothing waits', async () => {
    const world = appWorld();
    const { event: _, ...told } = aCompletedAsset();
    await world.worker.commands.clearEvent(told);
    expect(world.assets.calls).toEqual([]);
    expect(world.log.lines).toEqual([]);
  });

  it('fails where the store is down: the event will be published again', async () => {
    const world = appWorld();
    const asset = await world.given(aCompletedAsset());
    world.assets.failNext();
    await expect(world.worker.commands.clearEvent(asset)).rejects.toMatchObject({
      kind: 'transient',
    });
    expect(await world.row()).toEqual(asset);
  });
});
