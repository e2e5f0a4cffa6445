// That a bad request is a problem with a code and a pointer, and that nothing is written for it: one table.
import { describe, expect, it } from 'vitest';
import { apiWorld, expectProblem, REQUEST, REQUEST_BODY_BYTES_MAX } from '../api-kit.ts';

type Row = readonly [what: string, code: string, pointer: string, body: unknown];

/** The request with one field written in JSON by hand: for what JSON can say and JavaScript cannot. */
const written = (field: string, json: string): string =>
  `{${Object.entries({ ...REQUEST, [field]: null })
    .map(([name, value]) => `"${name}":${name === field ? json : JSON.stringify(value)}`)
    .join(',')}}`;

const without = (field: keyof typeof REQUEST): object => ({ ...REQUEST, [field]: undefined });

/** `levels` objects in one another. */
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

const ROWS: readonly Row[] = [
  [
    'an unknown type',
    'UNKNOWN_MEDIA_TYPE',
    '/contentType',
    { ...REQUEST, contentType: 'text/html' },
  ],
  ['an empty type', 'UNKNOWN_MEDIA_TYPE', '/contentType', { ...REQUEST, contentType: '' }],
  [
    'a type that is an object property',
    'UNKNOWN_MEDIA_TYPE',
    '/contentType',
    { ...REQUEST, contentType: 'constructor' },
  ],
  [
    'a type with a line feed behind it',
    'UNKNOWN_MEDIA_TYPE',
    '/contentType',
    { ...REQUEST, contentType: 'video/mp4\nx: y' },
  ],
  ['no type', 'INVALID_REQUEST', '/contentType', without('contentType')],
  ['a type that is a number', 'INVALID_REQUEST', '/contentType', { ...REQUEST, contentType: 1 }],

  ['size 0', 'SIZE_OUT_OF_RANGE', '/size', { ...REQUEST, size: 0 }],
  ['a negative size', 'SIZE_OUT_OF_RANGE', '/size', { ...REQUEST, size: -1 }],
  ['half a byte', 'SIZE_OUT_OF_RANGE', '/size', { ...REQUEST, size: 1.5 }],
  ['a size over the limit', 'SIZE_OUT_OF_RANGE', '/size', { ...REQUEST, size: 1_000_001 }],
  ['a size past all integers', 'SIZE_OUT_OF_RANGE', '/size', written('size', '9007199254740993')],
  ['an infinite size', 'SIZE_OUT_OF_RANGE', '/size', written('size', '1e999')],
  ['a size that is text', 'INVALID_REQUEST', '/size', { ...REQUEST, size: '1000' }],
  ['a size that is null', 'INVALID_REQUEST', '/size', { ...REQUEST, size: null }],
  ['no size', 'INVALID_REQUEST', '/size', without('size')],

  ['an empty name', 'INVALID_FILE_NAME', '/fileName', { ...REQUEST, fileName: '' }],
  ['a name of spaces', 'INVALID_FILE_NAME', '/fileName', { ...REQUEST, fileName: '  ' }],
  [
    'a name of 256 characters',
    'INVALID_FILE_NAME',
    '/fileName',
    { ...REQUEST, fileName: 'x'.repeat(256) },
  ],
  ['a name with a NUL', 'INVALID_FILE_NAME', '/fileName', { ...REQUEST, fileName: 'a\0.mp4' }],
  [
    'a name with a line feed',
    'INVALID_FILE_NAME',
    '/fileName',
    { ...REQUEST, fileName: 'a\r\nb.mp4' },
  ],
  [
    'a name with an escape',
    'INVALID_FILE_NAME',
    '/fileName',
    { ...REQUEST, fileName: '\u001b[2J' },
  ],
  [
    'half a surrogate pair',
    'INVALID_FILE_NAME',
    '/fileName',
    written('fileName', '"a\\ud800.mp4"'),
  ],
  [
    'a name turned around',
    'INVALID_FILE_NAME',
    '/fileName',
    { ...REQUEST, fileName: 'a\u202e4pm.exe' },
  ],
  ['no name', 'INVALID_REQUEST', '/fileName', without('fileName')],
  ['a name that is a list', 'INVALID_REQUEST', '/fileName', { ...REQUEST, fileName: ['a.mp4'] }],

  [
    'a checksum in hexadecimal',
    'INVALID_REQUEST',
    '/checksumSha256',
    { ...REQUEST, checksumSha256: 'a'.repeat(64) },
  ],
  ['an empty checksum', 'INVALID_REQUEST', '/checksumSha256', { ...REQUEST, checksumSha256: '' }],
  [
    'a checksum with a line feed',
    'INVALID_REQUEST',
    '/checksumSha256',
    { ...REQUEST, checksumSha256: `${'a'.repeat(43)}=\n` },
  ],
  [
    'a checksum of another length',
    'INVALID_REQUEST',
    '/checksumSha256',
    { ...REQUEST, checksumSha256: 'YQ==' },
  ],
  [
    'a checksum that is a number',
    'INVALID_REQUEST',
    '/checksumSha256',
    { ...REQUEST, checksumSha256: 1 },
  ],

  [
    'metadata that is too large',
    'INVALID_METADATA',
    '/metadata',
    { ...REQUEST, metadata: { a: 'x'.repeat(2048) } },
  ],
  [
    'metadata that is too large in UTF-8 only',
    'INVALID_METADATA',
    '/metadata',
    { ...REQUEST, metadata: { a: '休'.repeat(700) } },
  ],
  ['metadata that is too deep', 'INVALID_METADATA', '/metadata', written('metadata', nested(17))],
  [
    'metadata that overflows a careless stack',
    'INVALID_METADATA',
    '/metadata',
    written('metadata', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
  ],
  [
    'metadata with an infinity',
    'INVALID_METADATA',
    '/metadata',
    written('metadata', '{"a":[1e999]}'),
  ],
  ['metadata that is a list', 'INVALID_REQUEST', '/metadata', { ...REQUEST, metadata: [1] }],
  ['metadata that is text', 'INVALID_REQUEST', '/metadata', { ...REQUEST, metadata: 'x' }],
  ['metadata that is null', 'INVALID_REQUEST', '/metadata', { ...REQUEST, metadata: null }],

  ['an unknown field', 'INVALID_REQUEST', '/tenant', { ...REQUEST, tenant: 'globex' }],
  ['a field whose name needs escaping', 'INVALID_REQUEST', '/a~1b~0c', { ...REQUEST, 'a/b~c': 1 }],
  ['a list of requests', 'INVALID_REQUEST', '/fileName', [REQUEST]],
  ['null', 'INVALID_REQUEST', '', null],
  ['a number', 'INVALID_REQUEST', '', 5],
];

describe('POST /api/videos/init, asked wrongly', () => {
  it.each(ROWS)('refuses %s: %s', async (_, code, pointer, body) => {
    const world = apiWorld();
    const problem = await expectProblem(await world.init(body), 422, code);
    expect(problem['instance']).toBe('/api/videos/init');
    expect(problem['errors']).toContainEqual({ pointer, detail: expect.stringMatching(/./) });
    expect(world.assets.calls).toEqual([]);
    expect(world.log.lines).toEqual([]);
    expect(world.logged).toEqual([]);
  });

  it('names everything that is missing at once', async () => {
    const { errors } = await expectProblem(await apiWorld().init({}), 422, 'INVALID_REQUEST');
    const pointers = (errors as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers).toEqual(['/fileName', '/contentType', '/size']);
  });

  it.each([
    ['no type', ''],
    ['a form', 'application/x-www-form-urlencoded'],
    ['plain text', 'text/plain;charset=UTF-8'],
    ['something beginning like JSON', 'application/json-patch+json'],
  ])('refuses a body of %s', async (_, contentType) => {
    const world = apiWorld();
    const response = await world.init(REQUEST, { 'content-type': contentType });
    await expectProblem(response, 415, 'UNSUPPORTED_CONTENT_TYPE');
    expect(world.assets.calls).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['half an object', '{"fileName":'],
    ['a NaN', written('size', 'NaN')],
    ['two objects', '{}{}'],
    ['a trailing comma', '{"size":1,}'],
    ['something else', '<html>'],
  ])('refuses %s as malformed JSON', async (_, body) => {
    const world = apiWorld();
    const problem = await expectProblem(await world.init(body), 400, 'MALFORMED_JSON');
    expect(problem).not.toHaveProperty('errors');
    expect(world.assets.calls).toEqual([]);
  });

  it.each([
    ['announced', true],
    ['not announced', false],
  ])('refuses a body that is too large, its length %s', async (_, announced) => {
    const world = apiWorld();
    const body = JSON.stringify({ ...REQUEST, fileName: 'x'.repeat(REQUEST_BODY_BYTES_MAX) });
    const headers = announced ? { 'content-length': String(body.length) } : {};
    await expectProblem(await world.init(body, headers), 413, 'BODY_TOO_LARGE');
    expect(world.assets.calls).toEqual([]);
    expect(world.logged).toEqual([]);
  });

  it('reads a body of exactly the limit', async () => {
    const world = apiWorld();
    const text = JSON.stringify(REQUEST);
    const response = await world.init(text.padEnd(REQUEST_BODY_BYTES_MAX));
    expect(response.status).toBe(201);
    const oneMore = await world.init(text.padEnd(REQUEST_BODY_BYTES_MAX + 1));
    await expectProblem(oneMore, 413, 'BODY_TOO_LARGE');
  });

  it('stops reading a body without end', async () => {
    let chunks = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks += 1;
        controller.enqueue(new Uint8Array(1024).fill(0x20));
      },
    });
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const response = await apiWorld().request('/api/videos/init', request);
    await expectProblem(response, 413, 'BODY_TOO_LARGE');
    expect(chunks).toBeLessThan(20);
  });
});
