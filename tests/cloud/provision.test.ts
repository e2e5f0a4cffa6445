import {
  GetBucketCorsCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AwsClients, awsClients } from '#adapters/aws/clients.ts';
import { provision } from '#adapters/aws/provision.ts';
import type { ProvisionStep } from '#adapters/aws/provision-step.ts';
import { resolveNames } from '#adapters/aws/resolve-names.ts';
import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { SqsQueue } from '#adapters/aws/sqs-queue.ts';
import { cloud } from '../support/cloud.ts';
import { awsConfig, freshNames, PROVISION_OPTIONS, QUEUE_TIMING, TIMEOUTS } from './cloud-kit.ts';

const clients: AwsClients = awsClients(awsConfig(), 'api');
const options = { ...PROVISION_OPTIONS, region: cloud().region };
afterAll(() => clients.destroy());

const states = (steps: readonly ProvisionStep[]) =>
  Object.fromEntries(steps.map(({ resource, state }) => [resource, state]));

const attributes = async (url: string) => {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
  return (await clients.sqs.send(command)).Attributes ?? {};
};

describe('provision', () => {
  const names = freshNames();
  let first: readonly ProvisionStep[];

  beforeAll(async () => {
    first = await provision(clients, names, options);
  });

  it('creates everything, in an order that each can rely on, and says so', () => {
    expect(first.map(({ resource }) => resource)).toEqual([
      'dead-letter queue',
      'queue',
      'queue policy',
      'bucket',
      'bucket CORS',
      'bucket lifecycle',
      'bucket notification',
      'topic',
      'subscriber queue',
      'subscriber queue policy',
      'subscription',
      'table',
    ]);
    const unmade = first.filter(({ state }) => state !== 'created');
    // Only what an emulator does not know may be missing, and it says why.
    expect(unmade.every(({ state, detail }) => state === 'skipped' && detail)).toBe(true);
    expect(unmade.map(({ resource }) => resource)).toEqual(
      cloud().name === 'embedded' ? ['bucket lifecycle'] : [],
    );
  });

  it('changes nothing when it runs again', async () => {
    const second = await provision(clients, names, options);
    const expected = first.map(({ resource, name, state, ...rest }) => ({
      resource,
      name,
      state: state === 'skipped' ? state : 'found',
      ...rest,
    }));
    expect(second).toEqual(expected);
  });

  it('gives the queue its redrive and a dead letter the longest life', async () => {
    const { queueUrl, deadLetterQueueUrl } = await resolveNames(clients, names);
    const { RedrivePolicy = '{}', VisibilityTimeout } = await attributes(queueUrl);
    const deadLetterArn = (await attributes(deadLetterQueueUrl))['QueueArn'];
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(RedrivePolicy);
    expect([deadLetterTargetArn, Number(maxReceiveCount)]).toEqual([deadLetterArn, 100]);
    expect(VisibilityTimeout).toBe('30');
    expect((await attributes(deadLetterQueueUrl))['MessageRetentionPeriod']).toBe('1209600');
  });

  it('lets the bucket tell the queue of uploads, and of nothing else', async () => {
    const store = new S3ObjectStore(clients, { bucket: names.bucket, timeouts: TIMEOUTS });
    await store.put('derived/acme/1/1/x', Buffer.from('x'), 'image/webp');
    await store.put('uploads/acme/1/source', Buffer.from('x'), 'video/mp4');
    const { queueUrl } = await resolveNames(clients, names);
    const keys: unknown[] = [];
    await vi.waitFor(async () => {
      const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
      const { Messages = [] } = await clients.sqs.send(receive);
      for (const { Body = '' } of Messages) {
        const records: { s3: { object: { key: string } } }[] = JSON.parse(Body).Records ?? [];
        keys.push(...records.map(({ s3 }) => decodeURIComponent(s3.object.key)));
      }
      expect(keys).toContain('uploads/acme/1/source');
    }, 10_000);
    expect(keys).toEqual(['uploads/acme/1/source']);
  });

  it('brings back what was changed, and keeps what others have set up beside it', async () => {
    const { queueUrl } = await resolveNames(clients, names);
    const foreign = {
      AllowedOrigins: ['https://other.example'],
      AllowedMethods: ['GET'],
      MaxAgeSeconds: 7,
    };
    await clients.s3.send(
      new PutBucketCorsCommand({
        Bucket: names.bucket,
        CORSConfiguration: { CORSRules: [foreign] },
      }),
    );
    await clients.sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: queueUrl,
        Attributes: { VisibilityTimeout: '77' },
      }),
    );
    const again = states(await provision(clients, names, options));
    expect(again).toMatchObject({ queue: 'updated', 'bucket CORS': 'updated', table: 'found' });
    const cors = await clients.s3.send(new GetBucketCorsCommand({ Bucket: names.bucket }));
    expect(cors.CORSRules).toHaveLength(2);
    expect(cors.CORSRules?.[0]).toMatchObject(foreign);
    expect((await attributes(queueUrl))['VisibilityTimeout']).toBe('30');
  });

  it('finds a redrive policy however it is written', async () => {
    const { queueUrl } = await resolveNames(clients, names);
    const policy = JSON.parse((await attributes(queueUrl))['RedrivePolicy'] ?? '{}');
    const RedrivePolicy = JSON.stringify({
      maxReceiveCount: String(policy.maxReceiveCount),
      deadLetterTargetArn: policy.deadLetterTargetArn,
    });
    await clients.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { RedrivePolicy } }),
    );
    expect(states(await provision(clients, names, options))).toMatchObject({ queue: 'found' });
  });

  it('brings back the prefix of the notification', async () => {
    const notification = new GetBucketNotificationConfigurationCommand({ Bucket: names.bucket });
    const { QueueConfigurations: [ours] = [] } = await clients.s3.send(notification);
    if (!ours) throw new Error('there is no notification');
    const Filter = { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'other/' }] } };
    await clients.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: names.bucket,
        NotificationConfiguration: { QueueConfigurations: [{ ...ours, Filter }] },
      }),
    );
    const again = states(await provision(clients, names, options));
    expect(again).toMatchObject({ 'bucket notification': 'updated' });
    const { QueueConfigurations = [] } = await clients.s3.send(notification);
    expect(QueueConfigurations).toHaveLength(1);
    expect(QueueConfigurations[0]?.Filter?.Key?.FilterRules).toMatchObject([{ Value: 'uploads/' }]);
  });

  it('replaces its own CORS rule when the origins change', async () => {
    const corsOrigins = ['https://app.example'];
    const again = states(await provision(clients, names, { ...options, corsOrigins }));
    expect(again).toMatchObject({ 'bucket CORS': 'updated' });
    const cors = await clients.s3.send(new GetBucketCorsCommand({ Bucket: names.bucket }));
    const origins = cors.CORSRules?.map(({ AllowedOrigins }) => AllowedOrigins);
    expect(origins).toContainEqual(corsOrigins);
    expect(origins).not.toContainEqual(['*']);
  });

  it('points the notification at the queue of a new name', async () => {
    const renamed = { ...names, queue: `${names.queue}-2` };
    const again = states(await provision(clients, renamed, options));
    expect(again).toMatchObject({ queue: 'created', 'bucket notification': 'updated' });
    const { QueueConfigurations } = await clients.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: names.bucket }),
    );
    expect(QueueConfigurations?.map(({ QueueArn }) => QueueArn?.split(':').at(-1))).toEqual([
      renamed.queue,
    ]);
  });

  it('subscribes a queue of the name it is told', async () => {
    const subscribe = { queue: `${names.topic}-mine` };
    const steps = await provision(clients, names, { ...options, subscribe });
    expect(steps).toContainEqual({
      resource: 'subscription',
      name: subscribe.queue,
      state: 'created',
    });
  });
});

describe('resolveNames', () => {
  it('says all that is missing, and what to do', async () => {
    const names = freshNames();
    await expect(resolveNames(clients, names)).rejects.toMatchObject({
      code: 'NOT_SET_UP',
      kind: 'permanent',
      message: `there is no queue '${names.queue}', no queue '${names.deadLetterQueue}': run npm run setup:aws`,
    });
  });

  it('misses a topic', async () => {
    const names = freshNames();
    for (const name of [names.queue, names.deadLetterQueue]) {
      await clients.sqs.send(new CreateQueueCommand({ QueueName: name }));
    }
    await expect(resolveNames(clients, names)).rejects.toMatchObject({
      code: 'NOT_SET_UP',
      message: `there is no topic '${names.topic}': run npm run setup:aws`,
    });
  });

  it('finds URLs that the queue can be called by', async () => {
    const names = freshNames();
    await provision(clients, names, options);
    const { queueUrl, deadLetterQueueUrl, topicArn } = await resolveNames(clients, names);
    expect(topicArn.endsWith(`:${names.topic}`)).toBe(true);
    const queue = new SqsQueue(clients.sqs, {
      queueUrl,
      deadLetterQueueUrl,
      consumers: 1,
      waitSeconds: 1,
      visibilitySeconds: 30,
      ...QUEUE_TIMING,
    });
    await expect(queue.send({ body: 'hello' })).resolves.toBeUndefined();
  });
});
