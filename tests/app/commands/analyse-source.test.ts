import { describe, expect, it } from 'vitest';
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
