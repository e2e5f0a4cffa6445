import { describe, expect, it } from 'vitest';
import { aClaimedAsset, anAsset } from '../../support/an-asset.ts';
import { appWorld, COMMAND } from '../../support/app-world.ts';
import { T0 } from '../../support/fixed-clock.ts';

describe('renewing a lease', () => {
  it('keeps the asset for as long again, counted from now', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    world.clock.advance(40_000);
    await world.worker.commands.renewLease(asset);
    world.clock.advance(40_000);
    const another = await world.worker.commands.claimAsset(COMMAND, {
      claimId: 'claim-2',
      takeOver: true,
    });
    expect(another).toEqual({ kind: 'busy' });
    expect(await world.row()).toMatchObject({ attempts: 1, fencingToken: 1 });
  });

  it('works on a lease that has lapsed, as long as nobody has taken the asset', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    world.clock.advance(60_000);
    await world.worker.commands.renewLease(asset);
    expect((await world.row()).leaseUntil).toBe(T0 + 105_000);
  });

  it('finds the lease lost once another has the asset', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset } = await world.claimed();
    world.clock.advance(45_001);
    await world.claimed(COMMAND, 'claim-2');
    const renewal = world.worker.commands.renewLease(asset);
    await expect(renewal).rejects.toMatchObject({ code: 'LEASE_LOST', kind: 'conflict' });
    expect((await world.row()).claimId).toBe('claim-2');
  });

  it('finds it lost where there is no asset any more', async () => {
    const renewal = appWorld().worker.commands.renewLease(aClaimedAsset());
    await expect(renewal).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  it('may be repeated after a lost reply', async () => {
    const world = appWorld();
    await world.given(aClaimedAsset());
    world.assets.loseNextReply();
    await expect(world.worker.commands.renewLease(aClaimedAsset())).rejects.toMatchObject({
      kind: 'transient',
    });
    await expect(world.worker.commands.renewLease(aClaimedAsset())).resolves.toBeUndefined();
  });
});
