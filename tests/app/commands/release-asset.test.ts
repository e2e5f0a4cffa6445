import { describe, expect, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import { aClaimedAsset, anAsset } from '../../support/an-asset.ts';
import { appWorld, COMMAND } from '../../support/app-world.ts';
import { T0 } from '../../support/fixed-clock.ts';

const error = new ForgeError('PROBE_UNAVAILABLE', 'transient', 'no engine can run');
const reason = { error, retryAfterSeconds: 8, refund: false };

describe('releasing an asset', () => {
  it('lets the next attempt begin at once, and tells it why this one ended', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    await world.worker.commands.releaseAsset(asset, reason);
    expect(await world.row()).toMatchObject({
      status: 'PROCESSING',
      leaseUntil: 0,
      lastError: 'PROBE_UNAVAILABLE: no engine can run',
      attempts: 1,
      dueAt: T0 + 8000 + 45_000,
    });
    expect((await world.claimed(COMMAND, 'claim-2')).asset).toMatchObject({
      attempts: 2,
      fencingToken: 3,
      lastError: 'PROBE_UNAVAILABLE: no engine can run',
    });
    expect(world.log.messages).toContain('asset released');
  });

  it('gives the attempt back where it was not the asset’s fault', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    await world.worker.commands.releaseAsset(asset, { ...reason, refund: true });
    expect((await world.row()).attempts).toBe(0);
  });

  it('gives back one attempt, though it is repeated after a lost reply', async () => {
    const world = appWorld();
    const asset = await world.given(aClaimedAsset({ attempts: 3 }));
    const release = () => world.worker.commands.releaseAsset(asset, { ...reason, refund: true });
    world.assets.loseNextReply();
    await expect(release()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await release();
    expect((await world.row()).attempts).toBe(2);
  });

  it('touches nothing once another has the asset', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    world.clock.advance(45_001);
    const { asset: others } = await world.claimed(COMMAND, 'claim-2');
    await world.worker.commands.releaseAsset(asset, reason);
    expect(await world.row()).toEqual(others);
  });

  it('keeps no more of an error than a row has room for', async () => {
    const world = appWorld();
    const asset = await world.given(aClaimedAsset());
    const long = new ForgeError('INTERNAL', 'transient', 'x'.repeat(10_000));
    await world.worker.commands.releaseAsset(asset, { ...reason, error: long });
    expect((await world.row()).lastError).toHaveLength(500);
  });
});
