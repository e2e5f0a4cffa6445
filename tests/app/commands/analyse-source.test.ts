import { describe, expect, it } from 'vitest';
import { analyseSource } from '#app/commands/analyse-source.ts';
import type { DeriveFiles } from '#app/commands/derive-files.ts';
import { ForgeError } from '#domain/errors.ts';
import { sourceKey } from '#domain/keys.ts';
import { anAsset, aVideoMetadata } from '../../support/an-asset.ts';
import { appWorld, BYTES, COMMAND } from '../../support/app-world.ts';

const { signal } = new AbortController();

/** A claim of an asset that announced what there is, unless told otherwise. */
async function claimedIn(
  world: ReturnType<typeof appWorld>,
  announced: Parameters<typeof anAsset>[0] = {},
  bytes = BYTES,
) {
  await world.given(anAsset({ size: BYTES.length, ...announced }), bytes);
  return world.claimed();
}

describe('analysing a source', () => {
  it('says what the strategy found, and what it cost', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world);
    const finds = world.strategy.finds;
    world.strategy.finds = async () => {
      world.clock.advance(7);
      return { ...(await finds()), derivatives: [{ name: 'poster', status: 'unavailable' }] };
    };
    expect(await world.worker.commands.analyseSource(claimed, signal)).toEqual({
      metadata: aVideoMetadata(),
      derivatives: [{ name: 'poster', status: 'unavailable' }],
      probe: { engine: 'fake', bytesRead: 4, requests: 1, ms: 7 },
    });
  });

  it('reads a source of unknown size', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world, { size: null });
    const result = await world.worker.commands.analyseSource(claimed, signal);
    expect(result.metadata.kind).toBe('video');
  });

  it('passes on what the strategy throws', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world);
    const corrupt = new ForgeError('CORRUPT_MEDIA', 'permanent', 'the index is cut off');
    world.strategy.finds = () => {
      throw corrupt;
    };
    await expect(world.worker.commands.analyseSource(claimed, signal)).rejects.toBe(corrupt);
  });

  it('stops when it is aborted', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world);
    const left = world.worker.commands.analyseSource(claimed, AbortSignal.abort());
    await expect(left).rejects.toThrow('abort');
  });
});

describe('a source that is not what was announced', () => {
  it.each([
    ['SIZE_MISMATCH', { size: BYTES.length + 1 }, BYTES],
    ['SIZE_MISMATCH', { size: BYTES.length - 1 }, BYTES],
    ['EMPTY_OBJECT', {}, new Uint8Array()],
    ['SOURCE_CHANGED', { sourceEtag: '"another"' }, BYTES],
    ['UNKNOWN_MEDIA_TYPE', { contentType: 'video/x-later' }, BYTES],
  ])('is %s, and not a byte is read', async (code, announced, bytes) => {
    const world = appWorld();
    const claimed = await claimedIn(world, announced, bytes);
    world.strategy.finds = () => {
      throw new Error('the strategy was asked');
    };
    const analysis = world.worker.commands.analyseSource(claimed, signal);
    await expect(analysis).rejects.toMatchObject({ code, kind: 'permanent' });
  });

  it('is SOURCE_GONE where it has gone', async () => {
    const world = appWorld();
    await world.given(anAsset(), null);
    const claimed = await world.claimed({ ...COMMAND, etag: '"etag-1"' });
    const analysis = world.worker.commands.analyseSource(claimed, signal);
    await expect(analysis).rejects.toMatchObject({ code: 'SOURCE_GONE', kind: 'permanent' });
  });

  it('is SOURCE_CHANGED where it was replaced between two attempts', async () => {
    const world = appWorld();
    const first = await claimedIn(world);
    world.clock.advance(45_001);
    await world.objects.put(sourceKey(first.asset), BYTES.toReversed(), 'video/mp4');
    const second = await world.claimed(COMMAND, 'claim-2');
    const analysis = world.worker.commands.analyseSource(second, signal);
    await expect(analysis).rejects.toMatchObject({ code: 'SOURCE_CHANGED', kind: 'permanent' });
  });

  it('is SOURCE_CHANGED where it is replaced while it is read', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world);
    await world.objects.put(sourceKey(claimed.asset), BYTES.toReversed(), 'video/mp4');
    const analysis = world.worker.commands.analyseSource(claimed, signal);
    await expect(analysis).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  });
});

describe('the checksum that the client declared', () => {
  const SUM = 'iuX4vGKwn8ZtFYGKWmrgzdsnXGHjaNvXgxcgDGkZBWs=';

  it('is compared with what the store has, before anything is read', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world, { checksumSha256: SUM });
    world.strategy.finds = () => {
      throw new Error('the strategy was asked');
    };
    const head = claimed.head && { ...claimed.head, checksumSha256: 'another' };
    const analysis = world.worker.commands.analyseSource({ ...claimed, head }, signal);
    await expect(analysis).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', kind: 'permanent' });
  });

  it.each([
    [SUM, undefined, 'verified'],
    [undefined, undefined, 'unverified'],
    [undefined, async () => SUM, 'verified'],
  ])('where the store says %s and reading says %s, is %s', async (stored, digest, checksum) => {
    const world = appWorld();
    const claimed = await claimedIn(world, { checksumSha256: SUM });
    const head = claimed.head && { ...claimed.head, ...(stored && { checksumSha256: stored }) };
    const analyse = analyseSource({ ...world, digest });
    const result = await analyse({ ...claimed, head }, signal);
    expect(result).toMatchObject({ checksum, probe: { bytesRead: 4, requests: 1 } });
  });

  it('is not spoken of where there was none', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world);
    const result = await analyseSource({ ...world, digest: async () => SUM })(claimed, signal);
    expect(result).not.toHaveProperty('checksum');
  });
});

describe('what is made of a file', () => {
  it('is made when it is known what it is, of a source of its own', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world);
    const derive: DeriveFiles = async ({ asset, metadata, source }, its) => {
      expect([asset, metadata]).toEqual([claimed.asset, aVideoMetadata()]);
      // As much as the budget allows: nobody else has drawn on it.
      for (let read = 0; read < 10; read += 1) await source.read(0, 9, its);
      return [{ name: 'poster', status: 'failed', reason: 'black' }];
    };
    expect(await analyseSource({ ...world, derive })(claimed, signal)).toMatchObject({
      derivatives: [{ name: 'poster', status: 'failed', reason: 'black' }],
      probe: { bytesRead: 4, requests: 1 },
    });
  });

  it('is not made of what nobody can read', async () => {
    const world = appWorld();
    const claimed = await claimedIn(world);
    const corrupt = new ForgeError('CORRUPT_MEDIA', 'permanent', 'the index is cut off');
    world.strategy.finds = () => {
      throw corrupt;
    };
    const derive = () => {
      throw new Error('it was tried');
    };
    await expect(analyseSource({ ...world, derive })(claimed, signal)).rejects.toBe(corrupt);
  });
});
