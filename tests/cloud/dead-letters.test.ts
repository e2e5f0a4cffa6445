import { randomUUID } from 'node:crypto';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll } from 'vitest';
import { awsClients } from '#adapters/aws/clients.ts';
import { SqsDeadLetters } from '#adapters/aws/sqs-dead-letters.ts';
import { SqsQueue } from '#adapters/aws/sqs-queue.ts';
import { deadLettersContract } from '../contracts/dead-letters.contract.ts';
import { awsConfig, QUEUE_TIMING } from './cloud-kit.ts';

const clients = awsClients(awsConfig(), 'worker');
const { sqs } = clients;
afterAll(() => clients.destroy());

const createQueue = async (name: string): Promise<string> =>
  (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? '';

deadLettersContract('SqsDeadLetters', async (visibilitySeconds) => {
  const id = randomUUID();
  const queueUrl = await createQueue(`q-${id}`);
  const deadLetterQueueUrl = await createQueue(`q-${id}-dlq`);
  const open = (url: string) =>
    new SqsQueue(sqs, {
      queueUrl: url,
      deadLetterQueueUrl,
      consumers: 1,
      waitSeconds: 1,
      visibilitySeconds: 30,
      ...QUEUE_TIMING,
    });
  const [work, itself] = [open(queueUrl), open(deadLetterQueueUrl)];
  const { receiveSlackMs } = QUEUE_TIMING;
  return {
    queue: work,
    letters: new SqsDeadLetters(sqs, {
      deadLetterQueueUrl,
      waitSeconds: 1,
      visibilitySeconds,
      receiveSlackMs,
    }),
    giveUp: (message) => itself.send(message),
  };
});
