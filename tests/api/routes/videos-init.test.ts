import { describe, expect, it } from 'vitest';
import { isAssetId } from '#domain/keys.ts';
import type { PresignedRequest } from '#ports/object-store.ts';
import { TRACEPARENT } from '../../support/an-asset.ts';
import { apiWorld, hashedKey, jsonOf, REQUEST, TRACE_ID } from '../api-kit.ts';

const CHECKSUM = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';

/** The row of an answer, as the store has it. */
async function rowOf({ assets }: ReturnType<typeof apiWorld>, id: unknown, tenant = 'default') {
  const row = await assets.get({ tenant, assetId: String(id) });
  if (!row) throw new Error(`there is no row ${id}`);
  return row;
}

describe('POST /api/videos/init', () => {
  it('opens an upload, and says how to send the bytes', async () => {
    const world = apiWorld();
    const response = await world.init(REQUEST, { traceparent: TRACEPARENT });
    const body = await jsonOf(response);
    const { id } = body;
    expect(response.status).toBe(201);
    expect(isAssetId(String(id))).toBe(true);
    expect(body).toEqual({
      id,
      status: 'PENDING',
      upload: {
        kind: 'single',
        method: 'PUT',
        url: expect.stringMatching(`^memory://objects/uploads/default/${id}/source`),
        headers: { 'content-type': 'video/mp4', 'if-none-match': '*' },
        expiresAt: '2026-01-02T04:04:05.000Z',
      },
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      traceId: TRACE_ID,
      links: { self: `/api/videos/${id}` },
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('location')).toBe(`/api/videos/${id}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('writes one row, with what the client said', async () => {
    const world = apiWorld();
    const metadata = { album: 'summer', nested: [{ ok: true }], __proto__: null };
    const request = { ...REQUEST, checksumSha256: CHECKSUM, metadata };
    const body = await jsonOf(await world.init(request));
    expect(world.assets.calls).toEqual(['create']);
    expect(await rowOf(world, body['id'])).toMatchObject({
      tenant: 'default',
      assetId: body['id'],
      status: 'PENDING',
      fileName: 'holiday.mp4',
      contentType: 'video/mp4',
      size: 1000,
      checksumSha256: CHECKSUM,
      clientMetadata: { album: 'summer', nested: [{ ok: true }] },
      correlationId: body['correlationId'],
    });
  });

  it('answers with headers that the store takes as they are', async () => {
    const world = apiWorld();
    const response = await world.init({ fileName: 'a', contentType: 'video/mp4', size: 5 });
    const { upload } = (await response.json()) as {
      upload: Omit<PresignedRequest, 'expiresAt'> & { expiresAt: string };
    };
    const expiresAt = Date.parse(upload.expiresAt);
    expect(world.objects.send({ ...upload, expiresAt }, new Uint8Array(5))).toBe(200);
  });

  it('stores the canonical spelling of the type, and signs that', async () => {
    const world = apiWorld();
    const body = await jsonOf(await world.init({ ...REQUEST, contentType: 'VIDEO/X-M4V; a=1' }));
    expect(body['upload']).toMatchObject({ headers: { 'content-type': 'video/mp4' } });
    expect((await rowOf(world, body['id'])).contentType).toBe('video/mp4');
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'takes a body of type %s',
    async (contentType) => {
      const response = await apiWorld().init(REQUEST, { 'content-type': contentType });
      expect(response.status).toBe(201);
    },
  );

  it.each([
    ['the longest name', { fileName: 'x'.repeat(255) }],
    ['a name in any script', { fileName: 'отпуск 休暇 👩‍👩‍👧.mp4' }],
    ['a name that looks like a path', { fileName: '../../etc/passwd' }],
    ['the largest size', { size: 1_000_000 }],
    ['the smallest size', { size: 1 }],
    ['empty metadata', { metadata: {} }],
    ['a size with an empty fraction', JSON.stringify(REQUEST).replace('1000', '1000.0')],
  ])('takes %s', async (_, given) => {
    const response = await apiWorld().init(
      typeof given === 'string' ? given : { ...REQUEST, ...given },
    );
    expect(response.status).toBe(201);
  });

  it('keeps metadata whole, whatever its keys are called', async () => {
    const world = apiWorld();
    const metadata = '{"constructor":1,"prototype":2,"__proto__":{"polluted":true},"":3}';
    const text = JSON.stringify(REQUEST).replace('}', `,"metadata":${metadata}}`);
    const { id } = await jsonOf(await world.init(text));
    const row = await rowOf(world, id);
    expect(JSON.stringify(row.clientMetadata)).toBe(metadata);
    expect({}).not.toHaveProperty('polluted');
  });

  it('gives the row to the tenant of the key, whatever the body says', async () => {
    const world = apiWorld({ apiKeys: [hashedKey('acme', 'key-1')] });
    const authorization = 'Bearer key-1';
    const { id } = await jsonOf(await world.init(REQUEST, { authorization }));
    expect((await rowOf(world, id, 'acme')).tenant).toBe('acme');
    const told = await world.init({ ...REQUEST, tenant: 'globex' }, { authorization });
    expect(told.status).toBe(422);
  });

  it('gives two requests two ids and two URLs', async () => {
    const world = apiWorld();
    const [one, two] = [await jsonOf(await world.init()), await jsonOf(await world.init())];
    expect(one['id']).not.toBe(two['id']);
    expect(world.assets.calls).toEqual(['create', 'create']);
  });

  it('keeps the URL that opens the upload out of the log', async () => {
    const world = apiWorld();
    const { upload } = (await (await world.init()).json()) as { upload: { url: string } };
    expect(world.log.lines).toHaveLength(1);
    expect(JSON.stringify([world.log.lines, world.logged])).not.toContain(upload.url);
  });
});
