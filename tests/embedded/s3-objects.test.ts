import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it, vi } from 'vitest';
import { Bucket, sharedCloud } from './open-cloud.ts';

const cloud = await sharedCloud();
const put = (Key: string, Body: string | Buffer, more = {}) =>
  cloud.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more = {}) =>
  cloud.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
const text = async (Key: string, more = {}) => (await get(Key, more)).Body?.transformToString();
const head = (Key: string, more = {}) =>
  cloud.s3.send(new HeadObjectCommand({ Bucket, Key, ...more }));
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });
const filesIn = async (folder: string) => (await readdir(join(cloud.dataDir, 's3', folder))).length;

/** A presigned PUT of that many bytes, not sent yet. */
async function openPut(Key: string, bytes: number, headers = {}): Promise<ClientRequest> {
  const url = await getSignedUrl(cloud.s3, new PutObjectCommand({ Bucket, Key }));
  return request(url, { method: 'PUT', headers: { 'content-length': bytes, ...headers } });
}

async function statusOf(sent: ClientRequest): Promise<number> {
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

describe('PUT', () => {
  it('keeps bytes, type and metadata, and gives them back', async () => {
    const { ETag } = await put('kept', 'hello', {
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      Metadata: { colour: 'blue' },
    });
    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect(await head('kept')).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      Metadata: { colour: 'blue' },
      ETag,
      AcceptRanges: 'bytes',
    });
    expect(await text('kept')).toBe('hello');
  });

  it.each([
    ['goes away', (sent: ClientRequest) => sent.destroy()],
    ['ends too early', (sent: ClientRequest) => sent.socket?.end()],
  ])('leaves no object when the client %s', async (_, leave) => {
    const sent = await openPut('short', 100_000);
    sent.on('error', () => {});
    sent.write(Buffer.alloc(60_000));
    await vi.waitFor(async () => expect(await filesIn('incoming')).toBe(1));
    await expect(head('short')).rejects.toMatchObject(status(404));
    leave(sent);
    await vi.waitFor(async () => expect(await filesIn('incoming')).toBe(0));
    await expect(head('short')).rejects.toMatchObject(status(404));
    const { Contents = [] } = await cloud.s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'short' }),
    );
    expect(Contents).toEqual([]);
  });

  it('keeps the old object until the new one is whole', async () => {
    await put('swap', 'old');
    const blobs = await filesIn('blobs');
    const sent = await openPut('swap', 3);
    sent.write('ne');
    await vi.waitFor(async () => expect(await filesIn('incoming')).toBe(1));
    expect(await text('swap')).toBe('old');
    sent.end('w');
    expect(await statusOf(sent)).toBe(200);
    expect(await text('swap')).toBe('new');
    expect(await filesIn('blobs')).toBe(blobs);
  });

  it('lets one of many writers create a key', async () => {
    const before = await filesIn('blobs');
    const writers = Array.from({ length: 8 }, (_, index) =>
      put('once', `writer ${index}`, { IfNoneMatch: '*' }).then(
        () => index,
        (error) => error,
      ),
    );
    const outcomes = await Promise.all(writers);
    const winners = outcomes.filter((outcome) => typeof outcome === 'number');
    expect(winners).toHaveLength(1);
    for (const loser of outcomes.filter((outcome) => typeof outcome !== 'number')) {
      expect(loser).toMatchObject({ name: 'PreconditionFailed', ...status(412) });
    }
    expect(await text('once')).toBe(`writer ${winners[0]}`);
    expect(await filesIn('incoming')).toBe(0);
    expect(await filesIn('blobs')).toBe(before + 1);
  });

  it('decides between two writers when the bytes are there, not when they begin', async () => {
    const headers = { 'if-none-match': '*' };
    const slow = await openPut('race', 4, headers);
    slow.write('sl');
    await vi.waitFor(async () => expect(await filesIn('incoming')).toBe(1));
    await put('race', 'fast', { IfNoneMatch: '*' });
    slow.end('ow');
    expect(await statusOf(slow)).toBe(412);
    expect(await text('race')).toBe('fast');
    expect(await filesIn('incoming')).toBe(0);
  });

  it('replaces only the version that If-Match names', async () => {
    const { ETag } = await put('cas', 'one');
    await put('cas', 'two', { IfMatch: ETag });
    await expect(put('cas', 'three', { IfMatch: ETag })).rejects.toMatchObject(status(412));
    await expect(put('cas-none', 'x', { IfMatch: ETag })).rejects.toMatchObject(status(404));
    expect(await text('cas')).toBe('two');
  });

  it('verifies the checksums that come with the bytes', async () => {
    const sha256 = createHash('sha256').update('hello').digest('base64');
    const md5 = createHash('md5').update('hello').digest('base64');
    const answer = await put('sum', 'hello', { ChecksumSHA256: sha256, ContentMD5: md5 });
    expect(answer.ChecksumSHA256).toBe(sha256);
    expect((await head('sum', { ChecksumMode: 'ENABLED' })).ChecksumSHA256).toBe(sha256);
    for (const wrong of [{ ChecksumSHA256: sha256 }, { ContentMD5: md5 }]) {
      await expect(put('sum-bad', 'hullo', wrong)).rejects.toMatchObject({
        name: 'BadDigest',
        ...status(400),
      });
    }
    await expect(head('sum-bad')).rejects.toMatchObject(status(404));
    expect(await filesIn('incoming')).toBe(0);
  });

  it('verifies a checksum that is part of a presigned URL', async () => {
    const ChecksumSHA256 = createHash('sha256').update('hello').digest('base64');
    const command = new PutObjectCommand({ Bucket, Key: 'sum-url', ChecksumSHA256 });
    const url = await getSignedUrl(cloud.s3, command);
    expect((await fetch(url, { method: 'PUT', body: 'hullo' })).status).toBe(400);
    await expect(head('sum-url')).rejects.toMatchObject(status(404));
    expect((await fetch(url, { method: 'PUT', body: 'hello' })).status).toBe(200);
  });

  it('verifies the hash of the payload that was signed', async () => {
    const command = new PutObjectCommand({ Bucket, Key: 'payload', Body: 'signed' });
    command.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, { body: 'forged' });
        return next(args);
      },
      { step: 'deserialize' },
    );
    await expect(cloud.s3.send(command)).rejects.toMatchObject({
      name: 'XAmzContentSHA256Mismatch',
      ...status(400),
    });
    await expect(head('payload')).rejects.toMatchObject(status(404));
  });

  it('refuses what would overwrite before it takes the bytes', async () => {
    await put('there', 'x');
    const sent = await openPut('there', 1_000_000, { 'if-none-match': '*' });
    sent.on('error', () => {});
    sent.flushHeaders();
    expect(await statusOf(sent)).toBe(412);
    sent.destroy();
  });

  it('wants to know the length before the bytes', async () => {
    const url = await getSignedUrl(cloud.s3, new PutObjectCommand({ Bucket, Key: 'chunked' }));
    const sent = request(url, { method: 'PUT' });
    sent.write('x');
    sent.end();
    expect(await statusOf(sent)).toBe(411);
  });

  it('streams a big body through little memory', async () => {
    const block = randomBytes(1024 ** 2);
    const blocks = 200;
    const sent = await openPut('big', blocks * block.length);
    const before = process.memoryUsage.rss();
    let peak = 0;
    const hash = createHash('md5');
    for (let index = 0; index < blocks; index += 1) {
      hash.update(block);
      if (!sent.write(block)) await once(sent, 'drain');
      peak = Math.max(peak, process.memoryUsage.rss());
    }
    sent.end();
    expect(await statusOf(sent)).toBe(200);
    expect(await head('big')).toMatchObject({
      ContentLength: blocks * block.length,
      ETag: `"${hash.digest('hex')}"`,
    });
    expect(peak - before).toBeLessThan(100 * 1024 ** 2);
  }, 60_000);
});

describe('GET', () => {
  it.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('answers %s with those bytes', async (Range, bytes, ContentRange) => {
    await put('digits', '0123456789');
    const answer = await get('digits', { Range });
    expect(await answer.Body?.transformToString()).toBe(bytes);
    expect(answer).toMatchObject({ ContentRange, ContentLength: bytes.length, ...status(206) });
    expect(await head('digits', { Range })).toMatchObject({ ContentLength: bytes.length });
  });

  it.each(['bytes=3-1', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-'])(
    'answers %s, which it does not understand, with everything',
    async (Range) => {
      await put('digits', '0123456789');
      expect(await text('digits', { Range })).toBe('0123456789');
    },
  );

  it.each([
    ['digits', 'bytes=10-'],
    ['digits', 'bytes=-0'],
    ['empty', 'bytes=0-0'],
    ['empty', 'bytes=-1'],
  ])('refuses on %s the range %s', async (Key, Range) => {
    await put('digits', '0123456789');
    await put('empty', '', { ContentLength: 0 });
    await expect(get(Key, { Range })).rejects.toMatchObject({
      name: 'InvalidRange',
      ...status(416),
    });
    expect(await text('empty')).toBe('');
  });

  it('keeps to the version that the reader names', async () => {
    const { ETag = '' } = await put('pinned', 'one');
    expect(await text('pinned', { IfMatch: ETag })).toBe('one');
    await expect(get('pinned', { IfNoneMatch: ETag })).rejects.toMatchObject(status(304));
    await put('pinned', 'two');
    for (const read of [get, head]) {
      await expect(read('pinned', { IfMatch: ETag })).rejects.toMatchObject(status(412));
    }
    expect(await text('pinned', { IfNoneMatch: ETag })).toBe('two');
  });

  it('reads the version it began with to the end', async () => {
    const old = randomBytes(8 * 1024 ** 2);
    await put('reading', old);
    const { Body } = await get('reading');
    await put('reading', 'new');
    await cloud.s3.send(new DeleteObjectCommand({ Bucket, Key: 'reading' }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(old)).toBe(true);
  });
});

it('answers with an error where somebody took the bytes away', async () => {
  const blobs = join(cloud.dataDir, 's3/blobs');
  const before = new Set(await readdir(blobs));
  await put('robbed', 'x');
  const [blob = ''] = (await readdir(blobs)).filter((name) => !before.has(name));
  await rm(join(blobs, blob));
  await expect(get('robbed')).rejects.toMatchObject(status(500));
});

describe('lists, copies and deletes', () => {
  it('lists in order of bytes, in pages, with prefixes in place of folders', async () => {
    const keys = ['l/a', 'l/a-b', 'l/a.b', 'l/a/1', 'l/a/2', 'l/b/1', 'l/ü', 'l/ｚ', 'l/🎬'];
    for (const key of keys) await put(key, key);
    const list = async (more: object) => {
      const pages: string[][] = [];
      let ContinuationToken: string | undefined;
      do {
        const command = new ListObjectsV2Command({
          Bucket,
          Prefix: 'l/',
          ContinuationToken,
          ...more,
        });
        const page = await cloud.s3.send(command);
        ContinuationToken = page.NextContinuationToken;
        const prefixes = page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [];
        pages.push([...(page.Contents?.map(({ Key }) => Key) ?? []), ...prefixes].map(String));
      } while (ContinuationToken);
      return pages;
    };
    expect(await list({})).toEqual([keys]);
    expect((await list({ MaxKeys: 3 })).map((page) => page.length)).toEqual([3, 3, 3]);
    expect((await list({ MaxKeys: 3 })).flat()).toEqual(keys);
    const folded = ['l/a', 'l/a-b', 'l/a.b', 'l/a/', 'l/b/', 'l/ü', 'l/ｚ', 'l/🎬'];
    expect((await list({ MaxKeys: 1, Delimiter: '/' })).flat()).toEqual(folded);
    expect((await list({ StartAfter: 'l/a.b' })).flat()).toEqual(keys.slice(3));
  });

  it('copies bytes and metadata', async () => {
    await put('copy-source', 'bytes', { ContentType: 'text/plain' });
    const CopySource = `${Bucket}/copy-source`;
    await cloud.s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    await cloud.s3.send(new DeleteObjectCommand({ Bucket, Key: 'copy-source' }));
    expect(await text('copy')).toBe('bytes');
    expect(await head('copy')).toMatchObject({ ContentType: 'text/plain' });
  });

  it('deletes what is not there without complaint, and leaves no folder or file', async () => {
    const before = await filesIn('blobs');
    await put('deep/er/est', 'x');
    const gone = new DeleteObjectCommand({ Bucket, Key: 'deep/er/est' });
    await cloud.s3.send(gone);
    await expect(cloud.s3.send(gone)).resolves.toMatchObject(status(204));
    expect(await readdir(join(cloud.dataDir, 's3/buckets/media'))).not.toContain('deep');
    expect(await filesIn('blobs')).toBe(before);
  });
});
