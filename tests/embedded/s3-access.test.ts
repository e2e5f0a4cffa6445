import { request } from 'node:http';
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { Bucket, clientsOf, sharedCloud } from './open-cloud.ts';

const cloud = await sharedCloud();

/** Status and body of a request whose path no URL parser has tidied. */
function raw(path: string, method = 'GET'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(cloud.endpoints.s3);
    request({ hostname, port, path, method }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}

describe('who is let in', () => {
  it.each([
    ['GET', ''],
    ['GET', '/media'],
    ['PUT', '/media/uploads/x'],
    ['GET', '/media/uploads/x'],
    ['HEAD', '/media/uploads/x'],
    ['DELETE', '/media/uploads/x'],
    ['POST', '/media/uploads/x?uploads'],
    ['GET', '/media?notification'],
    ['PUT', '/new-bucket'],
  ])('refuses an unsigned %s %s', async (method, path) => {
    const response = await fetch(cloud.endpoints.s3 + path, { method });
    expect(response.status).toBe(403);
    const text = await response.text();
    if (method !== 'HEAD') expect(text).toContain('<Code>AccessDenied</Code>');
  });

  it.each([
    [{ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }, 'InvalidAccessKeyId'],
    [{ accessKeyId: '', secretAccessKey: 'guessed' }, 'SignatureDoesNotMatch'],
  ])('refuses the credentials %o with %s', async (credentials, name) => {
    const accessKeyId = credentials.accessKeyId || cloud.credentials.accessKeyId;
    const foreign = clientsOf({ ...cloud, credentials: { ...credentials, accessKeyId } });
    await expect(foreign.s3.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: 403 },
    });
    foreign.destroy();
  });

  it('takes SDK calls to the service, to a bucket and to objects', async () => {
    const { Buckets } = await cloud.s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    await expect(cloud.s3.send(new HeadBucketCommand({ Bucket }))).resolves.toBeDefined();
    await expect(
      cloud.s3.send(new ListObjectsV2Command({ Bucket, Prefix: "it's (1)!*" })),
    ).resolves.toMatchObject({ KeyCount: 0 });
  });

  it('takes a presigned URL once signed, with what it says of the answer, and nothing changed', async () => {
    const put = new PutObjectCommand({
      Bucket,
      Key: 'presigned',
      ContentLength: 2,
      ContentType: 'a/b',
    });
    const signableHeaders = new Set(['content-length', 'content-type', 'host']);
    const url = await getSignedUrl(cloud.s3, put, { signableHeaders });
    const send = (body: string, type: string) =>
      fetch(url, { method: 'PUT', body, headers: { 'content-type': type } });
    expect((await send('abc', 'a/b')).status).toBe(403);
    expect((await send('ab', 'a/c')).status).toBe(403);
    expect(
      (await fetch(url.replace('presigned?', 'other?'), { method: 'PUT', body: 'ab' })).status,
    ).toBe(403);
    expect((await send('ab', 'a/b')).status).toBe(200);

    const ResponseContentDisposition = `attachment; filename="it's (1)!*.mp4"; filename*=UTF-8''%C3%BC.mp4`;
    const get = new GetObjectCommand({ Bucket, Key: 'presigned', ResponseContentDisposition });
    const response = await fetch(await getSignedUrl(cloud.s3, get));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toBe(ResponseContentDisposition);
    expect(await response.text()).toBe('ab');
  });

  it('refuses a presigned URL that has expired', async () => {
    const signingDate = new Date(Date.now() - 10_000);
    const get = new GetObjectCommand({ Bucket, Key: 'presigned' });
    const response = await fetch(await getSignedUrl(cloud.s3, get, { signingDate, expiresIn: 5 }));
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('Request has expired');
  });
});

describe('keys', () => {
  it.each([
    'a b/+ü%&=?#',
    'trailing/',
    '日本語/🎬.mp4',
    "it's (1)!*~",
    'a..b/.c',
    '%2F',
    'k'.repeat(230),
  ])('takes %s', async (Key) => {
    await cloud.s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe(Key);
    const listed = await cloud.s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
    expect(listed.Contents?.map((one) => one.Key)).toEqual([Key]);
    await cloud.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    await expect(cloud.s3.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it.each([
    ['a/../../escape', 'InvalidArgument'],
    ['../credentials.json', 'InvalidArgument'],
    ['./a', 'InvalidArgument'],
    ['a//b', 'InvalidArgument'],
    ['/a', 'InvalidArgument'],
    ['a\0b', 'InvalidArgument'],
    ['a._S3rver_object/b', 'InvalidArgument'],
    ['k'.repeat(231), 'KeyTooLongError'],
  ])('refuses the key %j with %s, wherever it is named', async (Key, name) => {
    const refused = { name, $metadata: { httpStatusCode: 400 } };
    const commands = [
      new GetObjectCommand({ Bucket, Key }),
      new PutObjectCommand({ Bucket, Key, Body: 'x' }),
      new DeleteObjectCommand({ Bucket, Key }),
      new CreateMultipartUploadCommand({ Bucket, Key }),
      new CopyObjectCommand({ Bucket, Key, CopySource: 'media/x' }),
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }),
    ];
    await cloud.s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' }));
    for (const command of Key.includes('\0') ? commands.slice(0, -1) : commands) {
      await expect(cloud.s3.send(command as GetObjectCommand)).rejects.toMatchObject(refused);
    }
  });

  it('deletes several at once', async () => {
    const Objects = [{ Key: "it's" }, { Key: 'a&b' }, { Key: 'missing' }];
    for (const { Key } of Objects.slice(0, 2)) {
      await cloud.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    }
    await cloud.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    for (const { Key } of Objects) {
      await expect(cloud.s3.send(new GetObjectCommand({ Bucket, Key }))).rejects.toThrow();
    }
  });

  it.each([
    ['/%2e%2e/credentials.json', 'InvalidBucketName'],
    ['/../credentials.json', 'InvalidBucketName'],
    ['/media/%zz', 'InvalidURI'],
  ])('refuses the path %s with %s', async (path, code) => {
    const { status, text } = await raw(path);
    expect(status).toBe(400);
    expect(text).toContain(`<Code>${code}</Code>`);
  });
});

describe('CORS', () => {
  const rules = {
    AllowedOrigins: ['http://page.test'],
    AllowedMethods: ['GET', 'PUT', 'POST', 'HEAD'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag'],
  };
  const headers = { origin: 'http://page.test' };
  const preflight = (origin: string) =>
    fetch(`${cloud.endpoints.s3}/media/uploads/x`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type,if-none-match',
      },
    });

  it('answers browsers as the configuration says, refusals included', async () => {
    expect((await preflight('http://page.test')).status).toBe(403);
    const CORSConfiguration = { CORSRules: [rules] };
    await cloud.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration }));
    const { CORSRules } = await cloud.s3.send(new GetBucketCorsCommand({ Bucket }));
    expect(CORSRules).toEqual([rules]);

    const allowed = await preflight('http://page.test');
    expect(allowed.ok).toBe(true);
    expect(allowed.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('content-type, if-none-match');
    expect((await preflight('http://elsewhere.test')).status).toBe(403);

    const url = await getSignedUrl(cloud.s3, new PutObjectCommand({ Bucket, Key: 'uploads/cors' }));
    const put = await fetch(url, { method: 'PUT', body: 'x', headers });
    expect(put.status).toBe(200);
    expect(put.headers.get('access-control-allow-origin')).toBe('http://page.test');
    expect(put.headers.get('access-control-expose-headers')).toBe('ETag');
    const refused = await fetch(`${cloud.endpoints.s3}/media/uploads/cors`, { headers });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBe('http://page.test');
  });
});

describe('what is not known here', () => {
  it('says so with 501, so that setup can skip it', async () => {
    const notImplemented = { name: 'NotImplemented', $metadata: { httpStatusCode: 501 } };
    const LifecycleConfiguration = {
      Rules: [{ ID: 'x', Status: 'Enabled' as const, Filter: {}, Expiration: { Days: 1 } }],
    };
    await expect(
      cloud.s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration })),
    ).rejects.toMatchObject(notImplemented);
    await expect(
      cloud.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
    ).rejects.toMatchObject(notImplemented);
  });

  it('refuses form uploads and requests to buckets that are not there', async () => {
    const get = new GetObjectCommand({ Bucket: 'nowhere', Key: 'x' });
    await expect(cloud.s3.send(get)).rejects.toMatchObject({ name: 'NoSuchBucket' });
    const put = new PutObjectCommand({ Bucket: 'nowhere', Key: 'x', Body: 'x' });
    await expect(cloud.s3.send(put)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});
