import { describe, expect, it, vi } from 'vitest';
import type { Claim } from '#app/commands/claim-asset.ts';
import type { Asset } from '#domain/asset.ts';
import { sourceKey } from '#domain/keys.ts';
import { aClaimedAsset, aCompletedAsset, anAsset, KEY } from '../../support/an-asset.ts';
import { appWorld, BYTES, COMMAND } from '../../support/app-world.ts';
import { T0 } from '../../support/fixed-clock.ts';

const S3_EVENT = { ...COMMAND, etag: '"as S3 told it"' };

describe('claiming an asset', () => {
  it('takes it for one attempt, and finds its object', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset, head } = await world.claimed();
    expect(head).toMatchObject({ size: BYTES.length });
    expect(asset).toMatchObject({
      status: 'PROCESSING',
      claimId: 'claim-1',
      fencingToken: 1,
      attempts: 1,
      leaseUntil: T0 + 45_000,
      sourceEtag: head?.etag,
    });
    expect(await world.row()).toEqual(asset);
    expect(world.log.messages).toEqual(['asset claimed']);
  });

  it('pins the bytes that S3 told of, so that others in their place are found', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const claimed = await world.claimed(S3_EVENT);
    expect(claimed.asset.sourceEtag).toBe(S3_EVENT.etag);
    const analysis = world.worker.commands.analyseSource(claimed, new AbortController().signal);
    await expect(analysis).rejects.toMatchObject({ code: 'SOURCE_CHANGED', kind: 'permanent' });
  });

  it('pins the bytes that are there where a command tells of none', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const { asset, head } = await world.claimed(COMMAND);
    expect(asset.sourceEtag).toBe(head?.etag);
  });

  it('takes an EXPIRED asset whose bytes came late', async () => {
    const world = appWorld();
    await world.given(anAsset({ status: 'EXPIRED' }));
    expect((await world.claimed()).asset.status).toBe('PROCESSING');
  });

  it('takes the generation that a command means', async () => {
    const world = appWorld();
    await world.given(anAsset({ generation: 2 }));
    expect((await world.claimed({ ...COMMAND, generation: 2 })).asset.generation).toBe(2);
  });
});

describe('a lost reply', () => {
  it('is recognised by the claim id: one attempt, one token', async () => {
    const world = appWorld();
    await world.given(anAsset());
    world.assets.loseNextReply();
    await expect(world.claimed()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((await world.claimed()).asset).toMatchObject({ attempts: 1, fencingToken: 1, rev: 2 });
    expect(world.log.messages).toEqual(['asset claimed']);
  });

  it('is not mistaken for another’s claim', async () => {
    const world = appWorld();
    await world.given(anAsset());
    world.assets.loseNextReply();
    await expect(world.claimed()).rejects.toThrow();
    const other = await world.worker.commands.claimAsset(COMMAND, {
      claimId: 'claim-2',
      takeOver: true,
    });
    expect(other).toEqual({ kind: 'busy' });
  });
});

describe('several claimers', () => {
  it('have one winner; the others are told until when', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const claims = await Promise.all(
      ['x', 'y', 'z'].map((claimId) =>
        world.worker.commands.claimAsset(COMMAND, { claimId, takeOver: true }),
      ),
    );
    expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    expect(claims.filter(({ kind }) => kind === 'busy')).toEqual(
      new Array(2).fill({ kind: 'busy' }),
    );
    expect(await world.row()).toMatchObject({ attempts: 1, fencingToken: 1 });
  });

  it('wait until the lease has lapsed, and not a moment less', async () => {
    const world = appWorld();
    await world.given(anAsset());
    await world.claimed();
    const another = () =>
      world.worker.commands.claimAsset(COMMAND, { claimId: 'claim-2', takeOver: true });
    world.clock.advance(44_999);
    expect(await another()).toEqual({ kind: 'busy' });
    world.clock.advance(1);
    expect(await another()).toEqual({ kind: 'busy' });
    world.clock.advance(1);
    expect(await another()).toMatchObject({
      kind: 'claimed',
      asset: { attempts: 2, fencingToken: 2, claimId: 'claim-2' },
    });
  });
});

describe('an asset whose last worker died with it in hand', () => {
  const claim = (world: ReturnType<typeof appWorld>, takeOver: boolean, command = COMMAND) =>
    world.worker.commands.claimAsset(command, { claimId: 'claim-2', takeOver });
  /** Its lease has lapsed, by a millisecond. */
  const suspect = aClaimedAsset({ leaseUntil: T0 - 1 });

  it('is a suspect to whoever takes nothing over, and is left as it is', async () => {
    const world = appWorld();
    await world.given(suspect);
    expect(await claim(world, false)).toEqual({ kind: 'suspect', attempts: 1 });
    expect(await claim(world, false, S3_EVENT)).toEqual({ kind: 'suspect', attempts: 1 });
    expect(await world.row()).toEqual(suspect);
    expect(world.log.lines).toEqual([]);
  });

  it('is a suspect though its bytes are gone since', async () => {
    const world = appWorld();
    await world.given(suspect, null);
    expect(await claim(world, false)).toEqual({ kind: 'suspect', attempts: 1 });
  });

  it('is claimed by whoever takes it over', async () => {
    const world = appWorld();
    await world.given(suspect);
    expect(await claim(world, true)).toMatchObject({
      kind: 'claimed',
      asset: { claimId: 'claim-2', fencingToken: 2, attempts: 2 },
    });
  });

  it('is no suspect while its lease lasts, its last millisecond included', async () => {
    const world = appWorld();
    await world.given(aClaimedAsset({ leaseUntil: T0 }));
    expect(await claim(world, false)).toEqual({ kind: 'busy' });
  });

  it('is none where it was given back: that is claimed like any other', async () => {
    const world = appWorld();
    await world.given(aClaimedAsset({ leaseUntil: 0 }));
    expect(await claim(world, false)).toMatchObject({ kind: 'claimed', asset: { attempts: 2 } });
  });

  it('is never a suspect to who takes it over: too early by a moment is a race', async () => {
    const world = appWorld();
    await world.given(aClaimedAsset({ leaseUntil: T0 }));
    vi.spyOn(world.clock, 'now')
      .mockReturnValueOnce(T0)
      .mockReturnValue(T0 + 1);
    expect(await claim(world, true)).toEqual({ kind: 'again' });
  });

  it.each<[string, Asset, Claim]>([
    ['of another generation', { ...suspect, generation: 2 }, { kind: 'idle', why: 'superseded' }],
    ['that is deleted', { ...suspect, deletedAt: T0 }, { kind: 'idle', why: 'gone' }],
  ])('is none where it is one %s', async (_what, row, expected) => {
    const world = appWorld();
    await world.given(row);
    expect(await claim(world, false)).toEqual(expected);
  });
});

describe('an asset without bytes', () => {
  it('is not claimed on anybody’s wish but S3’s', async () => {
    const world = appWorld();
    const before = await world.given(anAsset(), null);
    expect(
      await world.worker.commands.claimAsset(COMMAND, { claimId: 'claim-1', takeOver: true }),
    ).toEqual({
      kind: 'idle',
      why: 'no bytes yet',
    });
    expect(await world.row()).toEqual(before);
  });

  it('is claimed where S3 said that there were some: they are gone', async () => {
    const world = appWorld();
    await world.given(anAsset(), null);
    const { asset, head } = await world.claimed(S3_EVENT);
    expect(head).toBeNull();
    expect(asset.sourceEtag).toBe('"as S3 told it"');
  });

  it('is claimed where an earlier attempt saw some: they are gone', async () => {
    const world = appWorld();
    await world.given(aClaimedAsset({ leaseUntil: 0 }), null);
    const { asset, head } = await world.claimed();
    expect(head).toBeNull();
    expect(asset).toMatchObject({ sourceEtag: '"etag-1"', attempts: 2 });
  });

  it('is busy while an attempt that saw some goes on', async () => {
    const world = appWorld();
    await world.given(aClaimedAsset(), null);
    const claim = await world.worker.commands.claimAsset(COMMAND, {
      claimId: 'claim-2',
      takeOver: true,
    });
    expect(claim).toEqual({ kind: 'busy' });
  });

  it('is finished where it is finished', async () => {
    const world = appWorld();
    const { event: _, ...told } = aCompletedAsset();
    await world.given(told, null);
    const claim = await world.worker.commands.claimAsset(COMMAND, {
      claimId: 'claim-2',
      takeOver: true,
    });
    expect(claim).toEqual({ kind: 'idle', why: 'finished' });
  });
});

describe('a claim that is refused', () => {
  const { event: _, ...told } = aCompletedAsset();

  it.each([
    ['finished', told, { kind: 'idle', why: 'finished' }],
    [
      'finished with an event that waits',
      aCompletedAsset(),
      { kind: 'unpublished', asset: aCompletedAsset() },
    ],
    ['of a later generation', anAsset({ generation: 2 }), { kind: 'idle', why: 'superseded' }],
    ['deleted', { ...told, deletedAt: T0 }, { kind: 'idle', why: 'gone' }],
    ['purged', anAsset({ status: 'PURGED' }), { kind: 'idle', why: 'gone' }],
  ])('finds the asset %s, and leaves it so', async (_what, row, expected) => {
    const world = appWorld();
    await world.given(row);
    expect(
      await world.worker.commands.claimAsset(S3_EVENT, { claimId: 'claim-2', takeOver: true }),
    ).toEqual(expected);
    expect(await world.row()).toEqual(row);
    expect(await world.objects.head(sourceKey(KEY))).not.toBeNull();
    expect(world.log.lines).toEqual([]);
  });

  it('finds the asset cancelled, and removes the bytes that came all the same', async () => {
    const world = appWorld();
    await world.given(anAsset({ status: 'CANCELLED' }));
    const claim = await world.worker.commands.claimAsset(S3_EVENT, {
      claimId: 'claim-1',
      takeOver: true,
    });
    expect(claim).toEqual({ kind: 'idle', why: 'cancelled' });
    expect(await world.objects.head(sourceKey(KEY))).toBeNull();
  });

  it('knows no asset: the object is somebody else’s, or gone', async () => {
    const world = appWorld();
    const claim = () =>
      world.worker.commands.claimAsset(S3_EVENT, { claimId: 'claim-1', takeOver: true });
    expect(await claim()).toEqual({ kind: 'idle', why: 'gone' });
    await world.objects.put(sourceKey(KEY), BYTES, 'video/mp4');
    expect(await claim()).toEqual({ kind: 'unknown' });
    expect(await world.objects.head(sourceKey(KEY))).not.toBeNull();
  });
});

describe('a claim that fails', () => {
  it('leaves the asset as it was where the store is down', async () => {
    const world = appWorld();
    const before = await world.given(anAsset());
    world.assets.failNext();
    await expect(world.claimed()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await world.row()).toEqual(before);
  });

  it('asks no further once its caller has left', async () => {
    const world = appWorld();
    await world.given(anAsset());
    const left = world.worker.commands.claimAsset(
      COMMAND,
      { claimId: 'claim-1', takeOver: true },
      AbortSignal.abort(),
    );
    await expect(left).rejects.toThrow('abort');
    expect(world.assets.calls).toEqual([]);
  });
});
