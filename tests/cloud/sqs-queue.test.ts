import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll } from 'vitest';
import { awsClients } from '#adapters/aws/clients.ts';
import { toQueueMessage } from '#adapters/aws/sqs-message.ts';
import { SqsQueue } from '#adapters/aws/sqs-queue.ts';
import { queueContract } from '../contracts/queue.contract.ts';
import { awsConfig, TIMEOUTS } from './cloud-kit.ts';

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
      receiveSlackMs: TIMEOUTS.receiveSlackMs,
      backoffBaseMs: 200,
      backoffCapMs: 20_000,
    }),
    takeDeadLetters: async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: deadLetterQueueUrl,
          MessageAttributeNames: ['All'],
          MaxNumberOfMessages: 10,
        }),
      );
      if (Messages.length === 0) return [];
      const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: deadLetterQueueUrl, Entries }));
      return Messages.map(toQueueMessage);
    },
  };
});
