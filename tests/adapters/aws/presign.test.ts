import { describe, expect, it } from 'vitest';
import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { STUB_TIMEOUTS, stubClients } from './stub-service.ts';

const NOWHERE = 'http://s3.internal:9000';

const storeAt = (s3PublicEndpoint?: string) =>
  new S3ObjectStore(stubClients(NOWHERE, 'api', { s3PublicEndpoint }), {
    bucket: 'media',
    timeouts: STUB_TIMEOUTS,
  });

const PUT = {
  key: 'uploads/acme/1/source',
  contentType: 'video/mp4',
  size: 1234,
  expiresSeconds: 900,
};
const CHECKSUM = 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=';

describe('presigned PUT', () => {
  it('signs length, type, host and no-overwrite', async () => {
    const { url, method, headers } = await storeAt().presignPut(PUT);
    const { searchParams, pathname, host } = new URL(url);
    expect(searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match',
    );
    expect(method).toBe('PUT');
    expect(headers).toEqual({ 'content-type': 'video/mp4', 'if-none-match': '*' });
    expect(`${host}${pathname}`).toBe('s3.internal:9000/media/uploads/acme/1/source');
  });

  it('signs the checksum as a header where there is one', async () => {
    const put = { ...PUT, checksumSha256: CHECKSUM };
    const { url, headers } = await storeAt().presignPut(put);
    const { searchParams } = new URL(url);
    expect(searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match;x-amz-checksum-sha256',
    );
    expect(searchParams.has('x-amz-checksum-sha256')).toBe(false);
    expect(headers).toEqual({
      'content-type': 'video/mp4',
      'if-none-match': '*',
      'x-amz-checksum-sha256': CHECKSUM,
    });
  });

  it('holds no checksum of the empty body that it was signed with', async () => {
    const { url } = await storeAt().presignPut(PUT);
    expect(url.toLowerCase()).not.toContain('checksum');
    expect(url.toLowerCase()).not.toContain('crc32');
  });

  it('is signed for the endpoint that clients reach', async () => {
    const { url } = await storeAt('https://media.example.com').presignPut(PUT);
    expect(url).toMatch(/^https:\/\/media\.example\.com\/media\/uploads\/acme\/1\/source\?/);
  });

  it('says the moment at which its signature ends', async () => {
    const { url, expiresAt } = await storeAt().presignPut(PUT);
    const { searchParams } = new URL(url);
    const [, year, month, day, hour, minute, second] = (
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get('X-Amz-Date') ?? '') ?? []
    ).map(Number);
    const signedAt = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
    expect(expiresAt).toBe(signedAt + 900_000);
    expect(searchParams.get('X-Amz-Expires')).toBe('900');
  });
});

describe('presigned part', () => {
  it('is for one part of one upload, and binds the host alone', async () => {
    const { url, headers } = await storeAt().presignPart('uploads/acme/1/source', 'u-1', 7, 60);
    const { searchParams } = new URL(url);
    expect(searchParams.get('X-Amz-SignedHeaders')).toBe('host');
    expect(searchParams.get('partNumber')).toBe('7');
    expect(searchParams.get('uploadId')).toBe('u-1');
    expect(headers).toEqual({});
    expect(url.toLowerCase()).not.toContain('checksum');
  });
});
