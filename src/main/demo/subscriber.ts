import { awsClients } from '#adapters/aws/clients.ts';
import { subscriberQueue } from '#adapters/aws/provision.ts';
import { queueUrl } from '#adapters/aws/provision-queue.ts';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { awsConfig, openQueue } from '#main/ports.ts';
import type { Stack } from '#main/start-stack.ts';
import { type EventInbox, openInbox } from './event-inbox.ts';

/** An inbox on the queue that subscribes to the stack's topic. */
export async function openSubscriber({ cloud }: Stack, env: Env): Promise<EventInbox> {
  const { region, endpoints, credentials } = cloud;
  const clients = awsClients({ ...awsConfig(env), region, endpoints, credentials }, 'worker');
  const url = (await queueUrl(clients.sqs, subscriberQueue(env.SNS_TOPIC_NAME))) ?? '';
  const queue = openQueue(clients, {
    queueUrl: url,
    deadLetterQueueUrl: url,
    waitSeconds: LIMITS.queueWaitSecondsEmbedded,
    visibilitySeconds: LIMITS.queueVisibilitySeconds,
  });
  const inbox = openInbox(queue, LIMITS.queueBatchMessagesMax);
  return { ...inbox, close: () => inbox.close().finally(() => clients.destroy()) };
}
