import { describe, expect, it } from 'vitest';
import type { Asset } from '#domain/asset.ts';
import {
  aCompletedAsset,
  aFailure,
  anAsset,
  aResult,
  KEY,
  TRACEPARENT,
} from '../../support/an-asset.ts';
import { apiWorld, expectProblem, hashedKey, jsonOf, TRACE_ID } from '../api-kit.ts';

const PATH = `/api/videos/${KEY.assetId}`;
const NOW = '2026-01-02T03:04:05.000Z';
const KEYS = [hashedKey('acme', 'key-1'), hashedKey('globex', 'key-2')];
const ACME = { headers: { authorization: 'Bearer key-1' } };
const GLOBEX = { headers: { authorization: 'Bearer key-2' } };

/** An API in which acme has this asset. */
async function worldWith(asset: Asset) {
  const world = apiWorld({ apiKeys: KEYS });
  await world.given(asset);
  return world;
}

describe('GET /api/videos/:id', () => {
  it('shows an asset that waits for its bytes', async () => {
    const world = await worldWith(anAsset());
    const response = await world.request(PATH, ACME);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await jsonOf(response)).toEqual({
      id: KEY.assetId,
      status: 'PENDING',
      rev: 1,
      fileName: 'holiday.mp4',
      contentType: 'video/mp4',
      size: 1000,
      generation: 1,
      attempts: 0,
      createdAt: NOW,
      updatedAt: NOW,
      correlationId: 'correlation-1',
      traceId: TRACE_ID,
      links: { self: PATH },
    });
  });

  it('shows all there is of a finished one, and nothing of its machinery', async () => {
    const clientMetadata = { album: 'summer' };
    const derivatives = [{ name: 'poster', status: 'unavailable', reason: 'no ffmpeg' }] as const;
    const result = aResult({ derivatives });
    const world = await worldWith(aCompletedAsset({ clientMetadata, result }));
    expect(await jsonOf(await world.request(PATH, ACME))).toEqual({
      id: KEY.assetId,
      status: 'COMPLETED',
      rev: 3,
      fileName: 'holiday.mp4',
      contentType: 'video/mp4',
      size: 1000,
      generation: 1,
      attempts: 1,
      createdAt: NOW,
      updatedAt: NOW,
      completedAt: NOW,
      clientMetadata,
      metadata: result.metadata,
      probe: result.probe,
      derivatives,
      correlationId: 'correlation-1',
      traceId: TRACE_ID,
      links: { self: PATH },
    });
  });

  it('says why an asset failed, and null for a size nobody knows', async () => {
    const failure = aFailure({ retryable: true, stage: 'persist' });
    const { result: _, ...failed } = aCompletedAsset({ status: 'FAILED', failure, size: null });
    const world = await worldWith(failed);
    const body = await jsonOf(await world.request(PATH, ACME));
    expect(body).toMatchObject({ status: 'FAILED', size: null, completedAt: NOW, failure });
    expect(Object.keys(failure).sort()).toEqual(['code', 'detail', 'retryable', 'stage']);
    expect(body).not.toHaveProperty('metadata');
  });

  it('tells the trace of the upload, not that of the question', async () => {
    const world = await worldWith(anAsset());
    const asked = TRACEPARENT.replace('0af7', '1bf8');
    const headers = { ...ACME.headers, traceparent: asked };
    const response = await world.request(PATH, { headers });
    expect(await jsonOf(response)).toMatchObject({ traceId: TRACE_ID });
    expect(response.headers.get('traceparent')).toContain('-1bf8');
  });

  it('finds what init opened', async () => {
    const world = apiWorld();
    const { id, links, correlationId, traceId } = await jsonOf(await world.init());
    const found = await jsonOf(await world.request((links as { self: string }).self));
    expect(found).toMatchObject({ id, links, correlationId, traceId, status: 'PENDING' });
  });

  it('answers HEAD like GET, without the body', async () => {
    const world = await worldWith(anAsset());
    const response = await world.request(PATH, { ...ACME, method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it('says the same of an asset that is missing, of another tenant, or purged', async () => {
    const purged = { ...KEY, tenant: 'globex', assetId: KEY.assetId.replace(/a$/, 'b') };
    const world = await worldWith(anAsset());
    await world.given(anAsset({ ...purged, status: 'PURGED' }));
    const said = async (path: string) => {
      const problem = await expectProblem(
        await world.request(path, GLOBEX),
        404,
        'ASSET_NOT_FOUND',
      );
      const id = path.split('/').at(-1) ?? '';
      return JSON.stringify({ ...problem, traceId: '' }).replaceAll(id, '<id>');
    };
    const another = await said(PATH);
    expect(await said(`/api/videos/${KEY.assetId.replace(/a$/, 'c')}`)).toBe(another);
    expect(await said(`/api/videos/${purged.assetId}`)).toBe(another);
    expect((await world.request(PATH, ACME)).status).toBe(200);
  });

  it.each([
    'x',
    'init',
    KEY.assetId.toUpperCase(),
    `${KEY.assetId}0`,
    '%2e%2e%2fsource',
    '%00',
    '%E0%A4%A',
    '%E2%80%AEgpj',
    'x'.repeat(4096),
  ])('has no asset of the id %s, and asks no store for it', async (id) => {
    const world = apiWorld();
    const path = `/api/videos/${id}`;
    const problem = await expectProblem(await world.request(path), 404, 'ASSET_NOT_FOUND');
    expect(world.assets.calls).toEqual([]);
    // A URI reference (RFC 9457): as asked for, and not decoded.
    expect(problem['instance']).toBe(path);
    expect(problem['instance']).toMatch(/^[\x21-\x7e]+$/);
  });
});
