import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it, vi } from 'vitest';
import { Bucket, sharedCloud } from './open-cloud.ts';

const cloud = await sharedCloud();
const MiB = 1024 ** 2;
const noSuchUpload = { name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } };

async function create(Key: string, more = {}): Promise<string> {
  const { UploadId } = await cloud.s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ...more }),
  );
  return UploadId ?? '';
}
const putPart = (Key: string, UploadId: string, PartNumber: number, Body: string | Buffer) =>
  cloud.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
const complete = (
  Key: string,
  UploadId: string,
  Parts: { PartNumber: number; ETag: string | undefined }[],
  more = {},
) =>
  cloud.s3.send(
    new CompleteMultipartUploadCommand({
      ...{ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more },
    }),
  );
const abort = (Key: string, UploadId: string) =>
  cloud.s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
const list = (Key: string, UploadId: string, more = {}) =>
  cloud.s3.send(new ListPartsCommand({ Bucket, Key, UploadId, ...more }));
const code = (name: string, httpStatusCode = 400) => ({ name, $metadata: { httpStatusCode } });

describe('multipart upload', () => {
  it('becomes one object when completed, and is not visible before', async () => {
    const first = randomBytes(5 * MiB);
    const second = randomBytes(1000);
    const UploadId = await create('whole', { ContentType: 'video/mp4', Metadata: { a: 'b' } });
    // The order in which parts arrive does not matter, and a part may be sent again.
    const { ETag: etag2 } = await putPart('whole', UploadId, 2, second);
    await putPart('whole', UploadId, 1, 'a first try');
    const { ETag: etag1 } = await putPart('whole', UploadId, 1, first);
    await expect(cloud.s3.send(new HeadObjectCommand({ Bucket, Key: 'whole' }))).rejects.toThrow();
    const { Parts } = await list('whole', UploadId);
    expect(Parts?.map(({ PartNumber, ETag, Size }) => [PartNumber, ETag, Size])).toEqual([
      [1, etag1, first.length],
      [2, etag2, second.length],
    ]);

    const { ETag } = await complete('whole', UploadId, [
      { PartNumber: 1, ETag: etag1 },
      { PartNumber: 2, ETag: etag2 },
    ]);
    const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();
    const combined = md5(Buffer.concat([md5(first), md5(second)])).toString('hex');
    expect(ETag).toBe(`"${combined}-2"`);
    const object = await cloud.s3.send(new GetObjectCommand({ Bucket, Key: 'whole' }));
    expect(object).toMatchObject({ ETag, ContentType: 'video/mp4', Metadata: { a: 'b' } });
    const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat([first, second]))).toBe(true);
    await expect(list('whole', UploadId)).rejects.toMatchObject(noSuchUpload);
  });

  it('lists its parts in pages', async () => {
    const UploadId = await create('paged');
    for (const part of [5, 3, 10_000, 1, 20]) await putPart('paged', UploadId, part, `${part}`);
    const pages: (number | undefined)[][] = [];
    let PartNumberMarker: string | undefined;
    for (;;) {
      const page = await list('paged', UploadId, { MaxParts: 2, PartNumberMarker });
      pages.push(page.Parts?.map(({ PartNumber }) => PartNumber) ?? []);
      if (!page.IsTruncated) break;
      PartNumberMarker = page.NextPartNumberMarker;
    }
    expect(pages).toEqual([[1, 3], [5, 20], [10_000]]);
    expect((await list('bare', await create('bare'))).Parts).toBeUndefined();
  });

  it('does not overwrite when told not to', async () => {
    const UploadId = await create('taken');
    const { ETag } = await putPart('taken', UploadId, 1, 'late');
    await cloud.s3.send(new PutObjectCommand({ Bucket, Key: 'taken', Body: 'early' }));
    const parts = [{ PartNumber: 1, ETag }];
    await expect(complete('taken', UploadId, parts, { IfNoneMatch: '*' })).rejects.toMatchObject(
      code('PreconditionFailed', 412),
    );
    const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket, Key: 'taken' }));
    expect(await Body?.transformToString()).toBe('early');
    await expect(complete('taken', UploadId, parts)).resolves.toBeDefined();
  });

  it('lets one of two uploads create a key', async () => {
    const Key = 'either';
    const uploads = await Promise.all([create(Key), create(Key)]);
    const completing = uploads.map(async (UploadId, index) => {
      const { ETag } = await putPart(Key, UploadId, 1, Buffer.alloc(6 * MiB, index));
      return { UploadId, parts: [{ PartNumber: 1, ETag }] };
    });
    const ready = await Promise.all(completing);
    const outcomes = await Promise.allSettled(
      ready.map(({ UploadId, parts }) => complete(Key, UploadId, parts, { IfNoneMatch: '*' })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({ reason: code('PreconditionFailed', 412) });
  });

  it('is completed once, however many ask at once', async () => {
    const UploadId = await create('twice');
    const { ETag } = await putPart('twice', UploadId, 1, randomBytes(6 * MiB));
    const asked = Array.from({ length: 4 }, () =>
      complete('twice', UploadId, [{ PartNumber: 1, ETag }]),
    );
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(noSuchUpload);
    }
    expect(await readdir(join(cloud.dataDir, 's3/incoming'))).toEqual([]);
  });

  it('refuses parts that did not arrive, are others, out of order or too small', async () => {
    const Key = 'wrong';
    const UploadId = await create(Key);
    const { ETag: etag1 } = await putPart(Key, UploadId, 1, 'one');
    const { ETag: etag2 } = await putPart(Key, UploadId, 2, 'two');
    const one = { PartNumber: 1, ETag: etag1 };
    const two = { PartNumber: 2, ETag: etag2 };
    await expect(complete(Key, UploadId, [{ PartNumber: 3, ETag: etag1 }])).rejects.toMatchObject(
      code('InvalidPart'),
    );
    await expect(complete(Key, UploadId, [{ PartNumber: 1, ETag: etag2 }])).rejects.toMatchObject(
      code('InvalidPart'),
    );
    await expect(complete(Key, UploadId, [two, one])).rejects.toMatchObject(
      code('InvalidPartOrder'),
    );
    await expect(complete(Key, UploadId, [one, one])).rejects.toMatchObject(
      code('InvalidPartOrder'),
    );
    await expect(complete(Key, UploadId, [one, two])).rejects.toMatchObject(code('EntityTooSmall'));
    await expect(complete(Key, UploadId, [])).rejects.toMatchObject(code('MalformedXML'));
    await expect(cloud.s3.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toThrow();
  });

  it('is gone after an abort, with its parts', async () => {
    const UploadId = await create('aborted');
    await putPart('aborted', UploadId, 1, 'x');
    await expect(abort('aborted', UploadId)).resolves.toMatchObject({
      $metadata: { httpStatusCode: 204 },
    });
    await expect(abort('aborted', UploadId)).rejects.toMatchObject(noSuchUpload);
    await expect(putPart('aborted', UploadId, 2, 'x')).rejects.toMatchObject(noSuchUpload);
    expect(await readdir(join(cloud.dataDir, 's3/uploads'))).not.toContain(UploadId);
  });

  it('is known by its id and its key', async () => {
    const UploadId = await create('mine');
    const parts = [{ PartNumber: 1, ETag: '"x"' }];
    for (const [Key, id] of [
      ['mine', 'never'],
      ['mine', '../../buckets'],
      ['mine', '00000000-0000-4000-8000-000000000000'],
      ['another', UploadId],
    ] as const) {
      await expect(complete(Key, id, parts)).rejects.toMatchObject(noSuchUpload);
      await expect(putPart(Key, id, 1, 'x')).rejects.toMatchObject(noSuchUpload);
      await expect(list(Key, id)).rejects.toMatchObject(noSuchUpload);
      await expect(abort(Key, id)).rejects.toMatchObject(noSuchUpload);
    }
  });

  it.each([0, 10_001])('has no part %d', async (part) => {
    const UploadId = await create('numbers');
    await expect(putPart('numbers', UploadId, part, 'x')).rejects.toMatchObject(
      code('InvalidArgument'),
    );
  });

  it('keeps no part whose sender went away', async () => {
    const UploadId = await create('cut');
    const command = new UploadPartCommand({ Bucket, Key: 'cut', UploadId, PartNumber: 1 });
    const sent = request(await getSignedUrl(cloud.s3, command), {
      method: 'PUT',
      headers: { 'content-length': 100_000 },
    });
    sent.on('error', () => {});
    sent.write(Buffer.alloc(50_000));
    const incoming = () => readdir(join(cloud.dataDir, 's3/incoming'));
    await vi.waitFor(async () => expect(await incoming()).toHaveLength(1));
    sent.destroy();
    await vi.waitFor(async () => expect(await incoming()).toHaveLength(0));
    expect((await list('cut', UploadId)).Parts).toBeUndefined();
  });

  it('takes presigned parts, whose ETag the client reads', async () => {
    const UploadId = await create('parts');
    const command = new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1 });
    const response = await fetch(await getSignedUrl(cloud.s3, command), {
      method: 'PUT',
      body: 'x',
    });
    expect(response.status).toBe(200);
    const ETag = response.headers.get('etag') ?? '';
    const done = await complete('parts', UploadId, [
      { PartNumber: 1, ETag: ETag.replaceAll('"', '') },
    ]);
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-1"$/);
  });
});
