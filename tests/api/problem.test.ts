import { describe, expect, it } from 'vitest';
import {
  type ErrorCode,
  ForgeError,
  MEDIA_CODES,
  MESSAGE_CODES,
  REQUEST_CODES,
  SYSTEM_CODES,
} from '#domain/errors.ts';
import { KEY } from '../support/an-asset.ts';
import { apiWorld, expectProblem } from './api-kit.ts';

/** What clients are told, by code. Whatever is not here is a 500 that says nothing of itself. */
const STATUS = {
  MALFORMED_JSON: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  ASSET_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ASSET_EXISTS: 409,
  EVENT_PENDING: 409,
  NOT_RETRYABLE: 409,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_CONTENT_TYPE: 415,
  INVALID_REQUEST: 422,
  INVALID_FILE_NAME: 422,
  INVALID_METADATA: 422,
  UNKNOWN_MEDIA_TYPE: 422,
  SIZE_OUT_OF_RANGE: 422,
  STORE_UNAVAILABLE: 503,
  OBJECT_STORE_UNAVAILABLE: 503,
} satisfies Partial<Record<ErrorCode, number>>;

const HIDDEN = [...MEDIA_CODES, ...MESSAGE_CODES, ...SYSTEM_CODES].filter(
  (code) => !(code in STATUS),
);

/** The answer to a question that ends in this error. */
async function answerTo(error: unknown) {
  const world = apiWorld();
  world.app.queries.getAsset = () => Promise.reject(error);
  const response = await world.request(`/api/videos/${KEY.assetId}`);
  return { response, logged: world.logged };
}

describe('problem', () => {
  it('has a status for every code of a request', () => {
    expect(REQUEST_CODES.filter((code) => !(code in STATUS))).toEqual([]);
  });

  it.each(Object.entries(STATUS))('answers %s with %i, and its message', async (code, status) => {
    const error = new ForgeError(code as ErrorCode, 'permanent', 'as it was told');
    const { response } = await answerTo(error);
    const problem = await expectProblem(response, status, code);
    expect(problem['detail']).toBe('as it was told');
    expect(problem['title']).not.toBe('Error');
    expect(response.headers.has('retry-after')).toBe(status === 503 || code === 'EVENT_PENDING');
    expect(response.headers.has('www-authenticate')).toBe(status === 401);
  });

  it.each(HIDDEN)('hides %s, which is no business of clients', async (code) => {
    const { response, logged } = await answerTo(new ForgeError(code, 'permanent', 'of us'));
    const problem = await expectProblem(response, 500, 'INTERNAL');
    expect(JSON.stringify(problem)).not.toContain('of us');
    expect(logged).toHaveLength(1);
    expect(logged[0]?.fields).toMatchObject({ code, detail: 'of us', status: 500 });
  });

  it('lists the faults of fields, by pointer', async () => {
    const faults = [{ pointer: '/size', detail: 'too much' }];
    const error = new ForgeError('INVALID_REQUEST', 'permanent', 'no', { faults });
    const { response } = await answerTo(error);
    const problem = await expectProblem(response, 422, 'INVALID_REQUEST');
    expect(problem['errors']).toEqual(faults);
  });

  it('never shows the cause of an error', async () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:8000');
    const error = new ForgeError('STORE_UNAVAILABLE', 'transient', 'no answer', { cause });
    const { response } = await answerTo(error);
    expect(await response.text()).not.toContain('10.0.0.7');
  });
});
