// Proves that a service that does not answer is an error in time, on a server that takes connections and says nothing.
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { GetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { DynamoAssetStore } from '#adapters/aws/dynamo-asset-store.ts';
import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { SnsEventBus } from '#adapters/aws/sns-event-bus.ts';
import { SqsQueue } from '#adapters/aws/sqs-queue.ts';
import { ForgeError } from '#domain/errors.ts';
import { assetEvent, pendingAsset } from '../../contracts/fixtures.ts';
import {
  type Handler,
  JSON_HEADERS,
  STUB_QUEUE,
  STUB_TIMEOUTS,
  type StubService,
  startStub,
  stubClients,
} from './stub-service.ts';

let stub: StubService;
afterEach(() => stub.close());

const open = async (handler: Handler, profile: 'api' | 'worker' = 'worker') => {
  stub = await startStub(handler);
  return stubClients(stub.url, profile);
};

const blackHole: Handler = () => {};

/** The error of a call, and how long it took. */
async function fault(call: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const from = performance.now();
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, ms: performance.now() - from };
}

describe('awsClients', () => {
  it.each(['s3', 'sqs', 'sns', 'dynamodb'] as const)(
    'throws when %s does not answer in time',
    async (service) => {
      const clients = await open(blackHole);
      const calls = {
        s3: () => clients.s3.send(new HeadBucketCommand({ Bucket: 'b' })),
        sqs: () =>
          clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: STUB_QUEUE.queueUrl })),
        sns: () => clients.sns.send(new GetTopicAttributesCommand({ TopicArn: 'arn:t' })),
        dynamodb: () => clients.dynamodb.send(new DescribeTableCommand({ TableName: 't' })),
      };
      const { error, ms } = await fault(calls[service]());
      expect(error).toMatchObject({ name: 'TimeoutError' });
      expect(ms).toBeGreaterThanOrEqual(STUB_TIMEOUTS.requestMs - 5);
      expect(ms).toBeLessThan(STUB_TIMEOUTS.requestMs + 1500);
    },
  );

  it('throws when an answer stops midway', async () => {
    const clients = await open((_request, response) => {
      response.writeHead(200, JSON_HEADERS);
      response.write('{"Tab');
    });
    const call = clients.dynamodb.send(new DescribeTableCommand({ TableName: 't' }));
    expect((await fault(call)).error).toMatchObject({ name: 'TimeoutError' });
  });

  it.each([
    ['worker', 1],
    ['api', 2],
  ] as const)('makes a call of the %s %i times at most', async (profile, times) => {
    const clients = await open((_request, response) => {
      response.writeHead(503).end('{}');
    }, profile);
    const { error } = await fault(new DynamoAssetStore(clients.dynamodb, 't').get(pendingAsset()));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', kind: 'transient' });
    expect(stub.calls).toBe(times);
  });

  it('takes an answer that is not AWS for an outage', async () => {
    const clients = await open((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>maintenance</html>');
    });
    const { error } = await fault(new DynamoAssetStore(clients.dynamodb, 't').get(pendingAsset()));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', kind: 'transient' });
  });
});

describe('a service that does not answer', () => {
  it('is an outage by the code of each port', async () => {
    const clients = await open(blackHole);
    const store = new DynamoAssetStore(clients.dynamodb, 't');
    const objects = new S3ObjectStore(clients, { bucket: 'b', timeouts: STUB_TIMEOUTS });
    const faults = await Promise.all([
      fault(store.get(pendingAsset())),
      fault(store.create(pendingAsset())),
      fault(objects.head('k')),
      fault(objects.readRange('k', { etag: '"e"', start: 0, end: 1 })),
      fault(new SnsEventBus(clients.sns, 'arn:t').publish([assetEvent()])),
      fault(new SqsQueue(clients.sqs, STUB_QUEUE).send({ body: 'x' })),
    ]);
    expect(faults.every(({ error }) => error instanceof ForgeError)).toBe(true);
    expect(faults.map(({ error }) => (error instanceof ForgeError ? error.code : error))).toEqual([
      'STORE_UNAVAILABLE',
      'STORE_UNAVAILABLE',
      'OBJECT_STORE_UNAVAILABLE',
      'OBJECT_STORE_UNAVAILABLE',
      'EVENT_BUS_UNAVAILABLE',
      'QUEUE_UNAVAILABLE',
    ]);
  });

  it('is waited for longer when it completes an upload, and when it takes a body', async () => {
    const clients = await open(blackHole);
    const objects = new S3ObjectStore(clients, { bucket: 'b', timeouts: STUB_TIMEOUTS });
    const part = { partNumber: 1, etag: '"e"', size: 1 };
    const [complete, put] = await Promise.all([
      fault(objects.completeMultipart('k', 'u', [part])),
      fault(objects.put('k', new Uint8Array(200 * 1024), 'video/mp4')),
    ]);
    expect(complete.error).toMatchObject({ code: 'OBJECT_STORE_UNAVAILABLE' });
    expect(complete.ms).toBeGreaterThanOrEqual(STUB_TIMEOUTS.completeMultipartMs - 5);
    expect(put.error).toMatchObject({ code: 'OBJECT_STORE_UNAVAILABLE' });
    expect(put.ms).toBeGreaterThanOrEqual(STUB_TIMEOUTS.bodyIdleMs + 200 - 5);
  });

  it('is left soon when the signal aborts', async () => {
    const clients = await open(blackHole);
    const objects = new S3ObjectStore(clients, {
      bucket: 'b',
      timeouts: { ...STUB_TIMEOUTS, completeMultipartMs: 60_000 },
    });
    const controller = new AbortController();
    const reason = new Error('left');
    const call = fault(objects.completeMultipart('k', 'u', [], controller.signal));
    await expect.poll(() => stub.calls).toBe(1);
    controller.abort(reason);
    const { error, ms } = await call;
    expect(error).toBe(reason);
    expect(ms).toBeLessThan(1000);
  });
});
