import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, onTestFinished, vi } from 'vitest';
import { type EmbeddedCloud, startEmbeddedCloud } from '#embedded/embedded-cloud.ts';

/** The SDK's clients for a cloud, set up as ours are. Calls are made once, so that faults are seen. */
export function clientsOf({ region, endpoints, credentials }: Omit<EmbeddedCloud, 'close'>) {
  // The SDK writes into the credentials it is given.
  const shared = { region, credentials: { ...credentials }, maxAttempts: 1 };
  const s3 = new S3Client({
    ...shared,
    endpoint: endpoints.s3,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const sqs = new SQSClient({ ...shared, endpoint: endpoints.sqs, useQueueUrlAsEndpoint: false });
  const sns = new SNSClient({ ...shared, endpoint: endpoints.sns });
  const dynamodb = new DynamoDBClient({ ...shared, endpoint: endpoints.dynamodb });
  const destroy = () => {
    for (const client of [s3, sqs, sns, dynamodb]) client.destroy();
  };
  return { s3, sqs, sns, dynamodb, destroy };
}

export type Clients = ReturnType<typeof clientsOf>;

async function openDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'streamforge-embedded-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A directory that is gone after the test. */
export async function ownDirectory(): Promise<string> {
  const { path, remove } = await openDirectory();
  onTestFinished(remove);
  return path;
}

/** The bucket of every cloud below. */
export const Bucket = 'media';

async function openCloud() {
  const directory = await openDirectory();
  const logged: string[] = [];
  const cloud = await startEmbeddedCloud({
    dataDir: directory.path,
    log: (line) => logged.push(line),
  });
  const clients = clientsOf(cloud);
  await clients.s3.send(new CreateBucketCommand({ Bucket }));
  const close = async () => {
    clients.destroy();
    await cloud.close();
    await directory.remove();
  };
  return { ...cloud, ...clients, dataDir: directory.path, logged, close };
}

/** A cloud on free ports, with clients and a bucket, for all tests of a file. */
export async function sharedCloud() {
  const cloud = await openCloud();
  afterAll(cloud.close);
  return cloud;
}

/** The same for one test alone. */
export async function ownCloud() {
  const cloud = await openCloud();
  onTestFinished(cloud.close);
  return cloud;
}

/** A table by partition key, ready for use. */
export async function createTable({ dynamodb }: Clients, TableName: string): Promise<void> {
  const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' as const }];
  const AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' as const }];
  const BillingMode = 'PAY_PER_REQUEST';
  await dynamodb.send(
    new CreateTableCommand({ TableName, BillingMode, KeySchema, AttributeDefinitions }),
  );
  await vi.waitFor(async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus !== 'ACTIVE') throw new Error('not there yet');
  });
}

export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** A queue that hears of what is created in the bucket below `uploads/`. Gives its URL. */
export async function notify({ s3, sqs }: Clients, bucket: string, queue: string): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: queue }));
  const FilterRules = [{ Name: 'prefix' as const, Value: 'uploads/' }];
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: {
        QueueConfigurations: [
          {
            Id: 'uploads',
            QueueArn: queueArn(queue),
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules } },
          },
        ],
      },
    }),
  );
  return QueueUrl;
}

/** Everything that waits in a queue, taken out. */
export async function drain({ sqs }: Clients, QueueUrl: string): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await sqs.send(receive);
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
