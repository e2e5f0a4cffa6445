import { describe, expect, it } from 'vitest';
import { parseTraceparent } from '#domain/trace-context.ts';
import { TRACEPARENT } from '../../support/an-asset.ts';
import { apiWorld, jsonOf, REQUEST, TRACE_ID } from '../api-kit.ts';

/** What an init with these headers answers, and the row it wrote. */
async function initiated(headers: Readonly<Record<string, string>>) {
  const world = apiWorld();
  const response = await world.init(REQUEST, headers);
  const body = await jsonOf(response);
  const row = await world.assets.get({ tenant: 'default', assetId: String(body['id']) });
  return { response, body, row };
}

describe('the correlation id', () => {
  it.each(['order-42', 'a', 'A.b_c:d-9', 'x'.repeat(128)])(
    'is kept where it is clean: %s',
    async (given) => {
      const { response, body, row } = await initiated({ 'x-correlation-id': given });
      expect(body['correlationId']).toBe(given);
      expect(row?.correlationId).toBe(given);
      expect(response.headers.get('x-correlation-id')).toBe(given);
    },
  );

  it.each(['', 'two words', 'a\tb', '<script>', 'é', 'x'.repeat(129), 'a,b', '"'])(
    'is replaced where it is not: %j',
    async (given) => {
      const { response, body, row } = await initiated({ 'x-correlation-id': given });
      expect(body['correlationId']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}$/);
      expect(row?.correlationId).toBe(body['correlationId']);
      expect(response.headers.get('x-correlation-id')).toBe(body['correlationId']);
    },
  );

  it('comes back with every answer, a refusal too', async () => {
    const headers = { 'x-correlation-id': 'order-42' };
    const response = await apiWorld().request('/nothing', { headers });
    expect(response.headers.get('x-correlation-id')).toBe('order-42');
  });
});

describe('the trace', () => {
  it('of the caller goes on, in a span of our own', async () => {
    const { response, body, row } = await initiated({ traceparent: TRACEPARENT });
    expect(body['traceId']).toBe(TRACE_ID);
    expect(row?.traceparent).toBe(response.headers.get('traceparent'));
    const span = parseTraceparent(row?.traceparent ?? '');
    expect(span?.traceId).toBe(TRACE_ID);
    expect(span?.spanId).not.toBe(parseTraceparent(TRACEPARENT)?.spanId);
  });

  it.each([
    undefined,
    '',
    'x',
    TRACEPARENT.slice(0, -1),
    TRACEPARENT.toUpperCase(),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `${TRACEPARENT}, ${TRACEPARENT}`,
  ])('is a new one where none is named that could go on: %s', async (traceparent) => {
    const { body, row } = await initiated(traceparent === undefined ? {} : { traceparent });
    expect(body['traceId']).toMatch(/^[0-9a-f]{32}$/);
    expect(body['traceId']).not.toBe(TRACE_ID);
    expect(parseTraceparent(row?.traceparent ?? '')?.traceId).toBe(body['traceId']);
  });

  it('is one per request', async () => {
    const world = apiWorld();
    const [one, two] = [await jsonOf(await world.init()), await jsonOf(await world.init())];
    expect(one['traceId']).not.toBe(two['traceId']);
    expect(one['correlationId']).not.toBe(two['correlationId']);
  });
});
