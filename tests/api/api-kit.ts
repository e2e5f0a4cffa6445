import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { createApi } from '#api/create-api.ts';
import type { Readiness } from '#api/routes/health.ts';
import type { LogFields } from '#ports/log.ts';
import { TRACEPARENT } from '../support/an-asset.ts';
import { appWorld } from '../support/app-world.ts';

/** The largest body the API of a test takes, in bytes. */
export const REQUEST_BODY_BYTES_MAX = 16 * 1024;

/** The trace id in {@link TRACEPARENT}. */
export const TRACE_ID = TRACEPARENT.split('-')[1];

/** What a client asks for that wants to upload a file of 1000 bytes. */
export const REQUEST = { fileName: 'holiday.mp4', contentType: 'video/mp4', size: 1000 };

/** A key as the environment names it. */
export const hashedKey = (tenant: string, key: string) => ({
  tenant,
  sha256: createHash('sha256').update(key).digest('hex'),
});

type Keys = Parameters<typeof createApi>[0]['apiKeys'];

/** The API over memory twins, in which a test may break what it likes. */
export function apiWorld({ apiKeys }: { readonly apiKeys?: Keys } = {}) {
  const world = appWorld();
  const logged: { fields: LogFields; message: string }[] = [];
  const state = { readiness: async (): Promise<Readiness> => ({ store: true }) };
  const { commands, queries } = world.client;
  // Copies, so that a test can put its own in their place.
  const app = { commands: { ...commands }, queries: { ...queries } };
  const api = createApi({
    app: {
      commands: {
        ...app.commands,
        initUpload: (...input) => app.commands.initUpload(...input),
      },
      queries: { getAsset: (...input) => app.queries.getAsset(...input) },
    },
    names: { uuid: () => world.ids.uuid(), hex: (bytes) => world.ids.hex(bytes) },
    readiness: () => state.readiness(),
    apiKeys,
    onError: (fields, message) => logged.push({ fields, message }),
    limits: { requestBodyBytesMax: REQUEST_BODY_BYTES_MAX },
  });

  /** Asks for an upload; `body` is sent as JSON unless it is text already. */
  const init = (
    body: unknown = REQUEST,
    headers: Readonly<Record<string, string>> = {},
    signal: AbortSignal | null = null,
  ): Promise<Response> =>
    request('/api/videos/init', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal,
    });

  const request = async (path: string, options?: RequestInit): Promise<Response> =>
    api.request(path, options);

  return { ...world, app, state, logged, init, request };
}

/** The JSON of an answer. */
export async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

/** The answer is a problem (RFC 9457) with this status and code, complete and of one mind. */
export async function expectProblem(response: Response, status: number, code: string) {
  const body = await jsonOf(response);
  expect(body).toMatchObject({ status, code });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(body['type']).toBe(`urn:streamforge:problem:${code.toLowerCase().replaceAll('_', '-')}`);
  expect(body['title']).toMatch(/^[A-Z]/);
  expect(body['detail']).toMatch(/./);
  expect(body['instance']).toMatch(/^\//);
  expect(body['traceId']).toMatch(/^[0-9a-f]{32}$/);
  expect(response.headers.get('traceparent')).toContain(`00-${body['traceId']}-`);
  const known = ['type', 'title', 'status', 'detail', 'instance', 'code', 'traceId', 'errors'];
  expect(Object.keys(body).filter((name) => !known.includes(name))).toEqual([]);
  return body;
}
