import { describe, expect, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import { anAsset, KEY, TRACEPARENT } from '../support/an-asset.ts';
import { apiWorld, expectProblem, REQUEST, TRACE_ID } from './api-kit.ts';

const PATH = `/api/videos/${KEY.assetId}`;

/** Every kind of answer there is. */
const ANSWERS: Readonly<Record<string, (world: ReturnType<typeof apiWorld>) => Promise<Response>>> =
  {
    'a new upload': (world) => world.init(),
    'an asset': async (world) => {
      await world.given(anAsset({ tenant: 'default' }));
      return world.request(PATH);
    },
    'a missing asset': (world) => world.request(PATH),
    'an unknown path': (world) => world.request('/nothing'),
    'a wrong method': (world) => world.request(PATH, { method: 'DELETE' }),
    'a bad request': (world) => world.init({}),
    'a body that is too large': (world) => world.init('x'.repeat(20_000)),
    'a store that is down': (world) => {
      world.assets.failNext();
      return world.init();
    },
    'a bug': (world) => {
      world.app.commands.initUpload = () => Promise.reject(new TypeError('x is undefined'));
      return world.init();
    },
    liveness: (world) => world.request('/livez'),
    readiness: (world) => world.request('/readyz'),
  };

describe('the API', () => {
  it.each(Object.entries(ANSWERS))('is careful with browsers: %s', async (_, answer) => {
    const { headers } = await answer(apiWorld());
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toContain('max-age=');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('traceparent')).toMatch(/^00-/);
    expect(headers.get('x-correlation-id')).toMatch(/./);
  });

  it.each([
    '/nothing',
    '/',
    '/api',
    '/api/videos',
    '/api/videos/',
    `${PATH}/more`,
    '/api/videos/init/',
    '/API/videos/init',
    '/livez/x',
    '/%2e%2e/etc/passwd',
  ])('has nothing at %s', async (path) => {
    const problem = await expectProblem(await apiWorld().request(path), 404, 'NOT_FOUND');
    expect(problem['instance']).toBe(new URL(path, 'http://host').pathname);
  });

  it.each([
    ['PUT', '/api/videos/init', ['POST']],
    ['DELETE', '/api/videos/init', ['POST']],
    ['PATCH', PATH, ['GET', 'HEAD']],
    ['POST', PATH, ['GET', 'HEAD']],
    ['OPTIONS', PATH, ['GET', 'HEAD']],
    ['POST', '/livez', ['GET', 'HEAD']],
    ['DELETE', '/readyz', ['GET', 'HEAD']],
    ['BREW', PATH, ['GET', 'HEAD']],
  ])('cannot be asked to %s %s, and says what it can', async (method, path, allowed) => {
    const world = apiWorld();
    const response = await world.request(path, { method });
    await expectProblem(response, 405, 'METHOD_NOT_ALLOWED');
    const allow = response.headers.get('allow')?.split(', ') ?? [];
    expect(allow).toEqual(expect.arrayContaining(allowed));
    expect(allow).not.toContain(method);
    expect(world.assets.calls).toEqual([]);
  });

  it.each(['init', 'get'])(
    'says when to come again while the store is down: %s',
    async (question) => {
      const world = apiWorld();
      world.assets.failNext();
      const response = question === 'get' ? await world.request(PATH) : await world.init();
      const problem = await expectProblem(response, 503, 'STORE_UNAVAILABLE');
      expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(problem).not.toHaveProperty('upload');
      expect(JSON.stringify(problem)).not.toMatch(/dynamo|ECONN|\bat \//i);
      expect(world.logged).toHaveLength(1);
      expect(world.logged[0]).toMatchObject({
        message: 'request failed',
        fields: { code: 'STORE_UNAVAILABLE', status: 503 },
      });
    },
  );

  it('gives no URL for a row that may not be there', async () => {
    const world = apiWorld();
    world.assets.loseNextReply();
    const text = await (await world.init()).text();
    expect(text).not.toContain('memory://');
  });

  it.each([
    ['an error', new TypeError('row.secret is not a function')],
    [
      'an error that only looks like ours',
      Object.assign(new Error('row.secret'), { code: 'NOT_FOUND', status: 404 }),
    ],
  ])('says nothing of %s it did not expect, and logs it once, with its stack', async (_, bug) => {
    const world = apiWorld();
    world.app.commands.initUpload = () => Promise.reject(bug);
    const headers = { traceparent: TRACEPARENT, 'x-correlation-id': 'order-42' };
    const response = await world.init(REQUEST, headers);
    const problem = await expectProblem(response, 500, 'INTERNAL');
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(world.logged).toEqual([
      {
        message: 'request failed',
        fields: {
          correlationId: 'order-42',
          traceId: TRACE_ID,
          code: 'INTERNAL',
          status: 500,
          detail: bug.message,
          cause: bug.stack,
        },
      },
    ]);
  });

  it('logs what lies under an outage', async () => {
    const world = apiWorld();
    const cause = new Error('connect ECONNREFUSED');
    const outage = new ForgeError('STORE_UNAVAILABLE', 'transient', 'no answer', { cause });
    world.app.queries.getAsset = () => Promise.reject(outage);
    await world.request(PATH);
    expect(world.logged[0]?.fields).toMatchObject({ detail: 'no answer', cause: cause.stack });
  });

  it.each(['init', 'get'])(
    'gives its work up when the client leaves, and raises no alarm over it: %s',
    async (question) => {
      const world = apiWorld();
      const client = new AbortController();
      const seen: (boolean | undefined)[] = [];
      const work = async (_input: unknown, signal?: AbortSignal): Promise<never> => {
        client.abort();
        seen.push(signal?.aborted);
        throw client.signal.reason;
      };
      world.app.queries.getAsset = work;
      world.app.commands.initUpload = work;
      const { signal } = client;
      const response =
        question === 'get'
          ? await world.request(PATH, { signal })
          : await world.init(REQUEST, {}, signal);
      expect(seen).toEqual([true]);
      expect(response.status).toBe(500);
      expect(world.logged).toEqual([]);
    },
  );
});
