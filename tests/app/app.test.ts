import { describe, expect, it } from 'vitest';
import { sourceKey } from '#domain/keys.ts';
import { decode } from '#streams/decode.ts';
import { aMessage, etagOf } from '../support/a-message.ts';
import { anAsset, aResult, KEY } from '../support/an-asset.ts';
import { APP_LIMITS, appWorld, BYTES } from '../support/app-world.ts';
import { sweepWorld } from '../support/sweep-world.ts';

describe('the application', () => {
  it('is what clients can have done, what messages can, and what nobody asked for', () => {
    const { client, worker, app: sweeper } = sweepWorld();
    expect(Object.keys(client.commands)).toEqual(['initUpload', 'retryAsset']);
    expect(Object.keys(client.queries)).toEqual(['getAsset']);
    expect(Object.keys(worker.commands)).toEqual([
      'claimAsset',
      'renewLease',
      'analyseSource',
      'releaseAsset',
      'commitEnding',
      'clearEvent',
      'removeStale',
    ]);
    expect(Object.keys(sweeper.commands)).toEqual(['sweepAsset']);
  });

  it('takes an upload from its announcement to its told end', async () => {
    const world = appWorld();
    const { commands } = world.worker;
    const { asset, upload } = await world.init();
    expect(world.objects.send(upload, BYTES)).toBe(200);

    const etag = `"${etagOf(BYTES)}"`;
    const command = { kind: 'process', ...asset, generation: 1, etag } as const;
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
      world.worker.commands.claimAsset(
        { ...claimed.asset, kind: 'process' },
        { claimId: 'c2', takeOver: true },
      );
    expect(await again()).toEqual({ kind: 'unpublished', asset: committed });
    await world.worker.commands.clearEvent(committed);
    expect(await again()).toEqual({ kind: 'idle', why: 'finished' });
  });

  it('takes an upload to its told end though every message about it is lost', async () => {
    const world = sweepWorld();
    const { asset, upload } = await world.init();
    world.objects.send(upload, BYTES);
    const sweep = () => world.app.commands.sweepAsset(asset);
    expect(await sweep()).toBe('nothing');

    const { uploadUrlExpirySeconds, uploadGraceSeconds, leaseMs } = APP_LIMITS;
    world.clock.advance((uploadUrlExpirySeconds + uploadGraceSeconds) * 1000);
    expect(await sweep()).toBe('command sent');
    const [job] = decode(aMessage(world.sent[0]?.body));
    if (!job || !('command' in job)) throw new Error('the worker cannot read what was sent');

    await world.claimed(job.command, 'a worker that dies');
    world.clock.advance(leaseMs + 1);
    expect(await sweep()).toBe('command sent');
    expect(world.sent[1]).toEqual(world.sent[0]);

    const { asset: claimed } = await world.claimed(job.command, 'a worker that dies later');
    const result = aResult();
    await world.worker.commands.commitEnding(claimed, { result });
    world.clock.advance(leaseMs);
    expect(await sweep()).toBe('event published');
    const row = await world.assets.get(asset);
    expect(row).toMatchObject({ status: 'COMPLETED', attempts: 2, result });
    expect(row).not.toHaveProperty('dueAt');
    expect(world.events.published).toHaveLength(1);
    expect(await sweep()).toBe('nothing');
  });

  it('ends an asset that kills every worker, and tells of it once', async () => {
    const world = sweepWorld();
    await world.given(anAsset());
    const findings: string[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      const finding = await world.app.commands.sweepAsset(KEY);
      findings.push(finding);
      if (finding === 'command sent') await world.claimed(undefined, `claim-${attempt}`);
      world.clock.advance(APP_LIMITS.leaseMs + 1);
    }
    expect(findings).toEqual([...Array(5).fill('command sent'), 'failed']);
    expect(await world.app.commands.sweepAsset(KEY)).toBe('event published');
    expect(await world.row()).toMatchObject({ status: 'FAILED', attempts: 5 });
    expect(world.events.published).toHaveLength(1);
  });
});
