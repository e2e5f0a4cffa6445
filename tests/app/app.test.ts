import { describe, expect, it } from 'vitest';
import { sourceKey } from '#domain/keys.ts';
import { anAsset } from '../support/an-asset.ts';
import { appWorld, BYTES } from '../support/app-world.ts';

describe('the application', () => {
  it('is what clients can have done, and what messages can', () => {
    const { client, worker } = appWorld();
    expect(Object.keys(client.commands)).toEqual(['initUpload']);
    expect(Object.keys(client.queries)).toEqual(['getAsset']);
    expect(Object.keys(worker.commands)).toEqual([
      'claimAsset',
      'renewLease',
      'analyseSource',
      'releaseAsset',
      'commitEnding',
      'clearEvent',
    ]);
  });

  it('takes an upload from its announcement to its told end', async () => {
    const world = appWorld();
    const { commands } = world.worker;
    const { asset, upload } = await world.init();
    expect(world.objects.send(upload, BYTES)).toBe(200);

    const command = { kind: 'process', ...asset, generation: 1, etag: '"x"' } as const;
    const claimed = await world.claimed(command);
    await commands.renewLease(claimed.asset);
    const result = await commands.analyseSource(claimed, new AbortController().signal);
    const committed = await commands.commitEnding(claimed.asset, { result });
    await commands.clearEvent(committed);

    world.clock.advance(2000);
    const ended = await world.client.queries.getAsset(asset);
    expect(ended).toMatchObject({ status: 'COMPLETED', rev: 5, generation: 1, result });
    expect(ended).not.toHaveProperty('event');
    expect(ended).not.toHaveProperty('dueAt');
    expect(ended.history.map(({ step }) => step)).toEqual(['init', 'claim', 'commit']);
    expect(world.log.messages).toEqual([
      'upload initiated',
      'asset claimed',
      'asset ended',
      'event published',
    ]);
    expect(await world.objects.head(sourceKey(asset))).not.toBeNull();
  });

  it('finds every message after the end done with', async () => {
    const world = appWorld();
    await world.given(anAsset({ size: BYTES.length }));
    const claimed = await world.claimed();
    const result = await world.worker.commands.analyseSource(claimed, new AbortController().signal);
    const committed = await world.worker.commands.commitEnding(claimed.asset, { result });
    const again = () =>
      world.worker.commands.claimAsset({ ...claimed.asset, kind: 'process' }, 'c2');
    expect(await again()).toEqual({ kind: 'unpublished', asset: committed });
    await world.worker.commands.clearEvent(committed);
    expect(await again()).toEqual({ kind: 'idle', why: 'finished' });
  });
});
