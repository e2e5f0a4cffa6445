import { describe, expect, it } from 'vitest';
import { sourceKey } from '#domain/keys.ts';
import { TRACEPARENT } from '../../support/an-asset.ts';
import { appWorld, BYTES } from '../../support/app-world.ts';
import { T0 } from '../../support/fixed-clock.ts';

describe('opening an upload', () => {
  it('writes down what was announced, and how long it is waited for', async () => {
    const world = appWorld();
    const { asset } = await world.init({
      fileName: 'holiday.mp4',
      contentType: 'VIDEO/X-M4V; codecs=avc1',
      metadata: { album: ['summer', 1] },
    });
    expect(asset).toStrictEqual({
      tenant: 'acme',
      assetId: '00000000-0000-7000-8000-000000000001',
      status: 'PENDING',
      generation: 1,
      rev: 1,
      fencingToken: 0,
      attempts: 0,
      fileName: 'holiday.mp4',
      contentType: 'video/mp4',
      size: BYTES.length,
      clientMetadata: { album: ['summer', 1] },
      correlationId: 'correlation-1',
      traceparent: TRACEPARENT,
      createdAt: T0,
      updatedAt: T0,
      uploadExpiresAt: T0 + 3_600_000,
      dueAt: T0 + 4_200_000,
      history: [{ at: T0, step: 'init', status: 'PENDING', generation: 1 }],
    });
    expect(await world.assets.get(asset)).toEqual(asset);
    expect(world.log.messages).toEqual(['upload initiated']);
  });

  it('lets the client send exactly the announced bytes, once', async () => {
    const world = appWorld();
    const { asset, upload } = await world.init();
    expect(upload).toMatchObject({ method: 'PUT', expiresAt: T0 + 3_600_000 });
    expect(world.objects.send(upload, BYTES.slice(1))).toBe(403);
    const otherType = { ...upload.headers, 'content-type': 'text/html' };
    expect(world.objects.send(upload, BYTES, otherType)).toBe(403);
    expect(world.objects.send(upload, BYTES)).toBe(200);
    expect(world.objects.send(upload, BYTES)).toBe(412);
    expect(await world.objects.head(sourceKey(asset))).toMatchObject({
      size: BYTES.length,
      contentType: 'video/mp4',
    });
  });

  it('binds the type as it is stored, however it was spelt', async () => {
    const { upload } = await appWorld().init({ contentType: 'Video/X-M4V; codecs=avc1' });
    expect(upload.headers['content-type']).toBe('video/mp4');
  });

  it('binds the checksum, where one is announced', async () => {
    const world = appWorld();
    const checksumSha256 = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';
    const { asset, upload } = await world.init({ checksumSha256 });
    expect(asset.checksumSha256).toBe(checksumSha256);
    expect(world.objects.send(upload, BYTES)).toBe(400);
  });

  it('gives every upload an id of its own, whatever it is called', async () => {
    const world = appWorld();
    const [one, two] = [await world.init(), await world.init()];
    expect(one.asset.assetId).not.toBe(two.asset.assetId);
    expect(one.upload.url).not.toBe(two.upload.url);
  });

  it.each([
    ['UNKNOWN_MEDIA_TYPE', { contentType: 'text/html' }],
    ['SIZE_OUT_OF_RANGE', { size: 0 }],
    ['SIZE_OUT_OF_RANGE', { size: 1_000_001 }],
    ['INVALID_FILE_NAME', { fileName: 'a\u0000b' }],
    ['INVALID_METADATA', { metadata: { a: 'x'.repeat(2048) } }],
    ['INVALID_REQUEST', { checksumSha256: 'x' }],
  ])('is refused as %s, and nothing is written', async (code, request) => {
    const world = appWorld();
    await expect(world.init(request)).rejects.toMatchObject({ code, kind: 'permanent' });
    expect(world.assets.calls).toEqual([]);
    expect(world.log.lines).toEqual([]);
  });

  it('is done where the store finds its own row, whose reply was lost', async () => {
    const world = appWorld();
    const create = world.assets.create.bind(world.assets);
    world.assets.create = async (asset, signal) => {
      world.assets.loseNextReply();
      return create(asset, signal).catch(() => create(asset, signal));
    };
    const { asset } = await world.init();
    expect(world.assets.calls).toEqual(['create', 'create', 'get']);
    expect((await world.assets.get(asset))?.rev).toBe(1);
  });

  it('is refused where the id belongs to another request', async () => {
    const world = appWorld();
    const { asset } = await world.init();
    world.ids.uuid = () => asset.assetId;
    const again = world.client.commands.initUpload({
      tenant: 'acme',
      request: { fileName: 'b.mp4', contentType: 'video/mp4', size: 1 },
      correlationId: 'correlation-2',
      traceparent: TRACEPARENT.replace('b7ad', 'b7ae'),
    });
    await expect(again).rejects.toMatchObject({ code: 'ASSET_EXISTS', kind: 'conflict' });
    expect(await world.assets.get(asset)).toEqual(asset);
  });

  it('fails where the reply is lost for good; asking again opens another upload', async () => {
    const world = appWorld();
    world.assets.loseNextReply();
    await expect(world.init()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const { asset } = await world.init();
    expect(asset.assetId).toBe('00000000-0000-7000-8000-000000000002');
    expect(world.log.messages).toEqual(['upload initiated']);
  });

  it('tells the log nothing that opens the upload', async () => {
    const world = appWorld();
    const { upload } = await world.init();
    expect(JSON.stringify(world.log.lines)).not.toContain(upload.url);
  });

  it('stops when its caller does', async () => {
    const world = appWorld();
    const input = {
      tenant: 'acme',
      request: { fileName: 'a.mp4', contentType: 'video/mp4', size: 1 },
      correlationId: 'c',
      traceparent: TRACEPARENT,
    };
    const left = world.client.commands.initUpload(input, AbortSignal.abort());
    await expect(left).rejects.toThrow('abort');
  });
});
