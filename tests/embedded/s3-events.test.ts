import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedCloud } from '#embedded/embedded-cloud.ts';
import { eventKey } from '#embedded/s3/created-event.ts';
import { EventOutbox } from '#embedded/s3/event-outbox.ts';
import { ObjectFiles } from '#embedded/s3/object-files.ts';
import {
  Bucket,
  clientsOf,
  drain,
  notify,
  ownCloud,
  ownDirectory,
  queueArn,
  sharedCloud,
} from './open-cloud.ts';

const cloud = await sharedCloud();
const queueUrl = await notify(cloud, Bucket, 'events');
beforeAll(async () => {
  expect(await drain(cloud, queueUrl)).toMatchObject([{ Event: 's3:TestEvent', Bucket }]);
});

const put = (Key: string, Body: string) =>
  cloud.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const records = async () =>
  (await drain(cloud, queueUrl)).flatMap((body) => (body as { Records: { s3: object }[] }).Records);

describe('events', () => {
  it('tell of a PUT before the client hears that it is done', async () => {
    const { ETag = '' } = await put('uploads/t/a b+ü', 'hello');
    expect(await records()).toEqual([
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        eventName: 'ObjectCreated:Put',
        userIdentity: expect.anything(),
        requestParameters: expect.anything(),
        responseElements: expect.anything(),
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'uploads',
          bucket: { name: 'media', arn: 'arn:aws:s3:::media', ownerIdentity: expect.anything() },
          object: {
            key: 'uploads/t/a+b%2B%C3%BC',
            size: 5,
            eTag: ETag.replaceAll('"', ''),
            sequencer: expect.stringMatching(/^[0-9A-F]{16}$/),
          },
        },
      },
    ]);
  });

  it('tell of a completed multipart upload once, and of a copy', async () => {
    const Key = 'uploads/multi';
    const { UploadId } = await cloud.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = { Bucket, Key, UploadId, PartNumber: 1 };
    const { ETag } = await cloud.s3.send(new UploadPartCommand({ ...part, Body: 'part' }));
    expect(await records()).toEqual([]);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await cloud.s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }),
    );
    const CopySource = `${Bucket}/${Key}`;
    await cloud.s3.send(new CopyObjectCommand({ Bucket, Key: 'uploads/copy', CopySource }));
    expect(await records()).toMatchObject([
      {
        eventName: 'ObjectCreated:CompleteMultipartUpload',
        s3: { object: { key: Key, size: 4, eTag: expect.stringMatching(/-1$/) } },
      },
      { eventName: 'ObjectCreated:Copy', s3: { object: { key: 'uploads/copy', size: 4 } } },
    ]);
  });

  it('tell of nothing else', async () => {
    await put('derived/x', 'x');
    await put('uploads', 'x');
    await put('uploads/gone', 'x');
    await records();
    await cloud.s3.send(new DeleteObjectCommand({ Bucket, Key: 'uploads/gone' }));
    await expect(
      cloud.s3.send(
        new PutObjectCommand({ Bucket, Key: 'uploads/bad', Body: 'x', ContentMD5: 'AAAA' }),
      ),
    ).rejects.toThrow();
    expect(await records()).toEqual([]);
  });

  it('have sequencers that grow with every write of a key', async () => {
    for (const body of ['1', '2', '3', '4']) await put('uploads/again', body);
    const sequencers = (await records()).map(
      ({ s3 }) => (s3 as { object: { sequencer: string } }).object.sequencer,
    );
    expect(sequencers).toHaveLength(4);
    expect(new Set(sequencers).size).toBe(4);
    expect(sequencers).toEqual([...sequencers].sort());
  });

  it('spell keys as forms do, slashes left alone', () => {
    expect(eventKey("a/b c+d%e&f=ü~!'()*-_.")).toBe(
      'a/b+c%2Bd%25e%26f%3D%C3%BC%7E%21%27%28%29*-_.',
    );
  });
});

describe('notification configuration', () => {
  const configure = (NotificationConfiguration: object) =>
    cloud.s3.send(
      new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }),
    );
  const current = async () => {
    const { $metadata, ...rest } = await cloud.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket }),
    );
    return rest;
  };

  it('is given back as it was put', async () => {
    expect(await current()).toEqual({
      QueueConfigurations: [
        {
          Id: 'uploads',
          QueueArn: queueArn('events'),
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [{ Name: 'Prefix', Value: 'uploads/' }] } },
        },
      ],
    });
  });

  it('is refused, and the old one kept, where a queue is missing or the destination is no queue', async () => {
    const before = await current();
    const Events = ['s3:ObjectCreated:*'];
    await expect(
      configure({ QueueConfigurations: [{ QueueArn: queueArn('missing'), Events }] }),
    ).rejects.toMatchObject({ name: 'InvalidArgument', $metadata: { httpStatusCode: 400 } });
    await expect(
      configure({ TopicConfigurations: [{ TopicArn: 'arn:aws:sns:us-east-1:0:t', Events }] }),
    ).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
    expect(await current()).toEqual(before);
  });

  it('reaches several queues, by event, prefix and suffix, until it is emptied', async () => {
    const other = await ownCloud();
    const send = (NotificationConfiguration: object) =>
      other.s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }),
      );
    const url = async (QueueName: string) =>
      (await other.sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
    const [mp4, copies] = [await url('mp4'), await url('copies')];
    const FilterRules = [
      { Name: 'prefix', Value: '2024' },
      { Name: 'suffix', Value: '.mp4' },
    ];
    const Filter = { Key: { FilterRules } };
    await send({
      QueueConfigurations: [
        { QueueArn: queueArn('mp4'), Events: ['s3:ObjectCreated:Put'], Filter },
        { QueueArn: queueArn('copies'), Events: ['s3:ObjectCreated:Copy'] },
      ],
    });
    const create = (Key: string) => other.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    for (const key of ['2024/a.mp4', '2024/a.mp3', '2023/a.mp4']) await create(key);
    expect(await drain(other, mp4)).toMatchObject([
      { Event: 's3:TestEvent' },
      { Records: [{ s3: { object: { key: '2024/a.mp4' } } }] },
    ]);
    expect(await drain(other, copies)).toMatchObject([{ Event: 's3:TestEvent' }]);

    await send({});
    await create('2024/b.mp4');
    expect(await drain(other, mp4)).toEqual([]);
  });

  it('does not fail a PUT whose queue has been deleted meanwhile', async () => {
    const other = await ownCloud();
    const QueueUrl = await notify(other, Bucket, 'fleeting');
    await other.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await other.s3.send(new PutObjectCommand({ Bucket, Key: 'uploads/x', Body: 'x' }));
    expect(other.logged).toEqual([expect.stringContaining('fleeting')]);
    expect(readdirSync(join(other.dataDir, 's3/events'))).toEqual([]);
  });
});

describe('an event whose process ended before it was sent', () => {
  /** A store whose queue works or not, over a directory that outlives it: as a process that is killed leaves it. */
  function openFiles(directory: string, works: boolean) {
    const sent: string[] = [];
    const outbox = new EventOutbox({
      directory: join(directory, 'events'),
      region: 'us-east-1',
      queues: {
        send: (_, body) => {
          if (!works) throw new Error('killed');
          return sent.push(JSON.parse(body).Records[0].s3.object.key) > 0;
        },
      },
      targets: () => [{ configurationId: 'c', queueArn: queueArn('q') }],
      log: () => {},
    });
    const files = new ObjectFiles(directory, outbox);
    mkdirSync(join(directory, 'buckets/media'), { recursive: true });
    const create = (key: string) => {
      const path = files.newPath();
      writeFileSync(path, key);
      const blob = { path, size: statSync(path).size, etag: 'e' };
      files.commit({ bucket: Bucket, key, blob, headers: {}, eventName: 'ObjectCreated:Put' });
    };
    return { outbox, files, sent, create };
  }

  it('is sent at the next start, once', async () => {
    const directory = await ownDirectory();
    const killed = openFiles(directory, false);
    killed.create('a');
    killed.create('b');
    const next = openFiles(directory, true);
    next.outbox.recover((name) => next.files.find(name));
    expect(next.sent).toEqual(['a', 'b']);
    next.outbox.recover((name) => next.files.find(name));
    expect(next.sent).toEqual(['a', 'b']);
  });

  it('is in its queue when the cloud has started again', async () => {
    const directory = await ownDirectory();
    const first = await startEmbeddedCloud({ dataDir: directory });
    const before = clientsOf(first);
    await before.s3.send(new CreateBucketCommand({ Bucket }));
    const QueueUrl = await notify(before, Bucket, 'events');
    await before.s3.send(new PutObjectCommand({ Bucket, Key: 'uploads/x', Body: 'x' }));
    await drain(before, QueueUrl);
    before.destroy();
    await first.close();
    const record = readFileSync(
      join(directory, 's3/buckets/media/uploads/x._S3rver_object'),
      'utf8',
    );
    const messages = [{ queueArn: queueArn('events'), body: '"late"' }];
    const entry = { bucket: Bucket, key: 'uploads/x', blob: JSON.parse(record).blob, messages };
    writeFileSync(join(directory, 's3/events/0.json'), JSON.stringify(entry));

    const second = await startEmbeddedCloud({ dataDir: directory });
    const after = clientsOf(second);
    expect(await drain(after, QueueUrl)).toEqual(['late']);
    after.destroy();
    await second.close();
  });

  it('is forgotten where its object never appeared', async () => {
    const directory = await ownDirectory();
    const killed = openFiles(directory, false);
    killed.create('a');
    await killed.files.deleteObject(Bucket, 'a');
    writeFileSync(join(directory, 'events/0-torn.json'), '{"bucket":"me');
    const next = openFiles(directory, true);
    next.outbox.recover((name) => next.files.find(name));
    expect(next.sent).toEqual([]);
    expect(readdirSync(join(directory, 'events'))).toEqual([]);
  });
});
