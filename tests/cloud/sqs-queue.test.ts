import { randomUUID } from 'node:crypto';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll } from 'vitest';
import { awsClients } from '#adapters/aws/clients.ts';
import { SqsQueue } from '#adapters/aws/sqs-queue.ts';
import { queueContract } from '../contracts/queue.contract.ts';
import { takeAll } from '../support/queue-watch.ts';
import { awsConfig, QUEUE_TIMING } from './cloud-kit.ts';

const clients = awsClients(awsConfig(), 'worker');
const { sqs } = clients;
afterAll(() => clients.destroy());

const createQueue = async (name: string): Promise<string> =>
  (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? '';

queueContract('SqsQueue', async (bounds) => {
  const id = randomUUID();
  const queueUrl = await createQueue(`q-${id}`);
  const deadLetterQueueUrl = await createQueue(`q-${id}-dlq`);
  return {
    queue: new SqsQueue(sqs, {
      ...bounds,
      queueUrl,
      deadLetterQueueUrl,
      consumers: 3,
      ...QUEUE_TIMING,
    }),
    takeDeadLetters: () => takeAll(sqs, deadLetterQueueUrl),
  };
});
