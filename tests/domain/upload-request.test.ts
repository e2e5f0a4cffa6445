import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, ForgeError } from '#domain/errors.ts';
import { checkUpload, type UploadRequest } from '#domain/upload-request.ts';

const BOUNDS = { fileNameCharsMax: 20, uploadBytesMax: 1000, clientMetadataBytesMax: 40 };

const CHECKSUM = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';

const aRequest = (overrides: Partial<UploadRequest> = {}): UploadRequest => ({
  fileName: 'holiday.mp4',
  contentType: 'video/mp4',
  size: 1000,
  ...overrides,
});

function refusal(overrides: Partial<UploadRequest>): ForgeError {
  try {
    checkUpload(aRequest(overrides), BOUNDS);
  } catch (error) {
    if (error instanceof ForgeError) return error;
    throw error;
  }
  throw new Error('the request was accepted');
}

/** An object with `levels` objects in one another, itself included. */
const nested = (levels: number): Record<string, unknown> =>
  levels <= 1 ? {} : { a: nested(levels - 1) };

describe('an upload request', () => {
  it('is of the media type it declares', () => {
    expect(checkUpload(aRequest({ contentType: 'VIDEO/X-M4V; x=1' }), BOUNDS).type).toBe(
      'video/mp4',
    );
  });

  it.each<[string, Partial<UploadRequest>]>([
    ['the smallest file', { size: 1 }],
    ['the largest file', { size: 1000 }],
    ['the longest name', { fileName: 'x'.repeat(20) }],
    ['a name that looks like a path', { fileName: '../../etc/passwd' }],
    ['a name in any script', { fileName: 'отпуск 休暇 عطلة' }],
    ['a family of emoji', { fileName: '👩‍👩‍👧.mp4' }],
    ['a checksum', { checksumSha256: CHECKSUM }],
    ['no checksum', { checksumSha256: undefined }],
    ['empty metadata', { metadata: {} }],
    ['metadata of every kind', { metadata: { a: [1, 'x', null, true, { b: -0.5 }] } }],
  ])('may have %s', (_, overrides) => {
    expect(checkUpload(aRequest(overrides), BOUNDS).kind).toBe('video');
  });

  it.each<[ErrorCode, string, string, Partial<UploadRequest>]>([
    ['INVALID_FILE_NAME', '/fileName', 'no name', { fileName: '' }],
    ['INVALID_FILE_NAME', '/fileName', 'a name of spaces', { fileName: ' \t' }],
    ['INVALID_FILE_NAME', '/fileName', 'a name that is too long', { fileName: 'x'.repeat(21) }],
    ['INVALID_FILE_NAME', '/fileName', 'a line feed', { fileName: 'a\nb' }],
    ['INVALID_FILE_NAME', '/fileName', 'a NUL', { fileName: 'a\0b' }],
    ['INVALID_FILE_NAME', '/fileName', 'a right-to-left override', { fileName: 'a\u202eb' }],
    ['INVALID_FILE_NAME', '/fileName', 'a byte order mark', { fileName: '\ufeffa' }],
    ['INVALID_FILE_NAME', '/fileName', 'half a surrogate pair', { fileName: 'a\ud800' }],
    ['SIZE_OUT_OF_RANGE', '/size', 'no bytes', { size: 0 }],
    ['SIZE_OUT_OF_RANGE', '/size', 'fewer than none', { size: -1 }],
    ['SIZE_OUT_OF_RANGE', '/size', 'one byte too many', { size: 1001 }],
    ['SIZE_OUT_OF_RANGE', '/size', 'half a byte', { size: 1.5 }],
    ['SIZE_OUT_OF_RANGE', '/size', 'no number', { size: Number.NaN }],
    ['SIZE_OUT_OF_RANGE', '/size', 'no end', { size: Number.POSITIVE_INFINITY }],
    ['INVALID_REQUEST', '/checksumSha256', 'an empty checksum', { checksumSha256: '' }],
    ['INVALID_REQUEST', '/checksumSha256', 'hexadecimal', { checksumSha256: 'ab'.repeat(32) }],
    [
      'INVALID_REQUEST',
      '/checksumSha256',
      'base64url',
      { checksumSha256: CHECKSUM.replace('+', '-') },
    ],
    ['UNKNOWN_MEDIA_TYPE', '/contentType', 'no type', { contentType: '' }],
    ['UNKNOWN_MEDIA_TYPE', '/contentType', 'text', { contentType: 'text/html' }],
  ])('is refused as %s at %s for %s', (code, pointer, _, overrides) => {
    const error = refusal(overrides);
    expect(error).toMatchObject({ code, kind: 'permanent' });
    expect(error.faults).toEqual([{ pointer, detail: error.message }]);
  });

  it('counts metadata in bytes of JSON', () => {
    const fits = { a: 'é'.repeat(16) };
    expect(new TextEncoder().encode(JSON.stringify(fits)).length).toBe(40);
    expect(checkUpload(aRequest({ metadata: fits }), BOUNDS).kind).toBe('video');
    expect(refusal({ metadata: { a: 'é'.repeat(17) } }).code).toBe('INVALID_METADATA');
  });

  it('refuses metadata that no store can hold', () => {
    const roomy = { ...BOUNDS, clientMetadataBytesMax: 100_000 };
    const check = (metadata: Record<string, unknown>) => () =>
      checkUpload(aRequest({ metadata }), roomy);
    expect(check(nested(16))).not.toThrow();
    expect(check(nested(17))).toThrow(expect.objectContaining({ code: 'INVALID_METADATA' }));
    expect(check({ a: [JSON.parse('1e999')] })).toThrow(
      expect.objectContaining({ code: 'INVALID_METADATA' }),
    );
  });

  it('refuses metadata of any depth that fits into a body, rather than overflow', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(8000)}${']'.repeat(8000)}}`);
    expect(refusal({ metadata: deep }).code).toBe('INVALID_METADATA');
  });

  it('is accepted or refused on purpose, whatever it says', () => {
    const requests = fc.record({
      fileName: fc.string({ unit: 'binary' }),
      contentType: fc.oneof(fc.constant('video/mp4'), fc.string()),
      size: fc.oneof(fc.integer(), fc.double()),
      checksumSha256: fc.option(fc.string(), { nil: undefined }),
      metadata: fc.option(fc.dictionary(fc.string(), fc.jsonValue()), { nil: undefined }),
    });
    fc.assert(
      fc.property(requests, (request) => {
        try {
          expect(checkUpload(request, BOUNDS)).toHaveProperty('type');
        } catch (error) {
          expect(error).toBeInstanceOf(ForgeError);
        }
      }),
    );
  });
});
