import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedCloudOptions, startEmbeddedCloud } from '#embedded/embedded-cloud.ts';
import {
  clientsOf,
  createTable,
  drain,
  notify,
  ownCloud,
  ownDirectory,
  queueArn,
} from './open-cloud.ts';

async function start(options: EmbeddedCloudOptions) {
  const cloud = await startEmbeddedCloud(options);
  onTestFinished(cloud.close);
  return cloud;
}

describe('the embedded cloud', () => {
  it('has everything in its directory, and finds it again after a restart on other ports', async () => {
    const dataDir = await ownDirectory();
    const first = await startEmbeddedCloud({ dataDir });
    const before = clientsOf(first);
    await before.s3.send(new CreateBucketCommand({ Bucket: 'media' }));
    const queueUrl = await notify(before, 'media', 'events');
    await before.s3.send(
      new PutObjectCommand({
        Bucket: 'media',
        Key: 'uploads/x',
        Body: 'bytes',
        ContentType: 'a/b',
      }),
    );
    const { TopicArn } = await before.sns.send(new CreateTopicCommand({ Name: 'topic' }));
    await before.sns.send(
      new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn('events') }),
    );
    await createTable(before, 'assets');
    const Item = { pk: { S: 'a' }, rev: { N: '1' } };
    await before.dynamodb.send(new PutItemCommand({ TableName: 'assets', Item }));
    before.destroy();
    await first.close();

    const second = await start({ dataDir });
    expect(second.credentials).toEqual(first.credentials);
    expect(second.endpoints).not.toEqual(first.endpoints);
    const after = clientsOf(second);
    onTestFinished(after.destroy);
    const object = await after.s3.send(new GetObjectCommand({ Bucket: 'media', Key: 'uploads/x' }));
    expect(await object.Body?.transformToString()).toBe('bytes');
    expect(object.ContentType).toBe('a/b');
    const Key = { pk: { S: 'a' } };
    const read = await after.dynamodb.send(new GetItemCommand({ TableName: 'assets', Key }));
    expect(read.Item).toEqual(Item);
    await after.sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
    await after.s3.send(new PutObjectCommand({ Bucket: 'media', Key: 'uploads/y', Body: 'y' }));
    expect(await drain(after, queueUrl)).toMatchObject([
      { Event: 's3:TestEvent' },
      { Records: [{ s3: { object: { key: 'uploads/x' } } }] },
      { Type: 'Notification', Message: 'hello' },
      { Records: [{ s3: { object: { key: 'uploads/y' } } }] },
    ]);
  });

  it.each(['one', 'batch'])(
    'gives back a message at once when told to, %s at a time',
    async (how) => {
      const { sqs } = await ownCloud();
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'body' }));
      const receive = async () => {
        const command = new ReceiveMessageCommand({
          QueueUrl,
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        });
        const { Messages: [message] = [] } = await sqs.send(command);
        return message;
      };
      for (const count of ['1', '2', '3']) {
        const message = await receive();
        expect(message?.Attributes).toEqual({ ApproximateReceiveCount: count });
        const change = { ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 };
        const Entries = [{ Id: 'a', ...change }];
        await (how === 'one'
          ? sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ...change }))
          : sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })));
      }
    },
  );

  it('makes credentials of its own, for nobody else to read', async () => {
    const [one, other] = [await ownCloud(), await ownCloud()];
    expect(one.credentials).not.toEqual(other.credentials);
    expect(statSync(join(one.dataDir, 'credentials.json')).mode & 0o777).toBe(0o600);
    const stranger = clientsOf({ ...one, credentials: other.credentials });
    await expect(
      stranger.s3.send(new HeadBucketCommand({ Bucket: 'media' })),
    ).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await expect(stranger.sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await expect(stranger.sns.send(new CreateTopicCommand({ Name: 't' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await expect(stranger.dynamodb.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    stranger.destroy();
  });

  it('lets no web page in by the back door', async () => {
    const { endpoints } = await ownCloud();
    const form = new URLSearchParams({ Action: 'CreateTopic', Name: 'evil' });
    expect((await fetch(endpoints.sns, { method: 'POST', body: form })).status).toBe(403);
    expect((await fetch(`${endpoints.sqs}/_fauxqs/queues`)).status).toBe(403);
    expect((await fetch(`${endpoints.sqs}/any-bucket`, { method: 'PUT' })).status).toBe(403);
    const preflight = await fetch(endpoints.dynamodb, {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.test', 'access-control-request-headers': 'x-amz-target' },
    });
    expect(preflight.ok).toBe(false);
  });

  it('listens on loopback only', async () => {
    const { endpoints } = await ownCloud();
    // All of 127/8 is this machine: who listens on every interface answers on 127.0.0.2 too.
    const reach = (host: string, port: number) =>
      new Promise((resolve) => {
        const socket = connect({ host, port, timeout: 2000 });
        for (const event of ['connect', 'timeout', 'error']) {
          socket.once(event, () => {
            socket.destroy();
            resolve(event === 'connect');
          });
        }
      });
    for (const endpoint of Object.values(endpoints)) {
      const port = Number(new URL(endpoint).port);
      expect(await reach('127.0.0.1', port)).toBe(true);
      expect(await reach('127.0.0.2', port)).toBe(false);
    }
  });

  it.each(['s3', 'messaging', 'dynamodb'] as const)(
    'names the port and the service when the port for %s is taken, and leaves nothing running',
    async (service) => {
      const taken = createServer().listen(0, '127.0.0.1');
      onTestFinished(() => void taken.close());
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const dataDir = await ownDirectory();
      await expect(
        startEmbeddedCloud({ dataDir, ports: { [service]: port } }),
      ).rejects.toMatchObject({
        name: 'PortInUseError',
        service,
        port,
        message: expect.stringMatching(new RegExp(`${port}.*${service}`)),
      });
      const { dynamodb, destroy } = clientsOf(await start({ dataDir }));
      await expect(dynamodb.send(new ListTablesCommand({}))).resolves.toBeDefined();
      destroy();
    },
  );

  it('has its directory to itself', async () => {
    const { dataDir } = await ownCloud();
    await expect(startEmbeddedCloud({ dataDir })).rejects.toThrow(`directory ${dataDir}`);
  });

  it('outlives clients that hang up in the middle of a request', async () => {
    const cloud = await ownCloud();
    const authorization = `AWS4-HMAC-SHA256 Credential=${cloud.credentials.accessKeyId}/x`;
    for (const endpoint of Object.values(cloud.endpoints)) {
      const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
      await once(socket, 'connect');
      // Half of a request, then the end of the connection.
      socket.end(
        [
          'POST / HTTP/1.1',
          'host: x',
          `authorization: ${authorization}`,
          'content-length: 9',
          '',
          'x',
        ].join('\r\n'),
      );
      socket.resume();
      await once(socket, 'close');
    }
    await expect(cloud.dynamodb.send(new ListTablesCommand({}))).resolves.toBeDefined();
    await expect(cloud.sqs.send(new ListQueuesCommand({}))).resolves.toBeDefined();
    await expect(cloud.s3.send(new HeadBucketCommand({ Bucket: 'media' }))).resolves.toBeDefined();
  });
});
