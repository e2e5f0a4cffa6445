import { randomUUID } from 'node:crypto';
import { type AwsClients, type AwsConfig, awsClients } from '#adapters/aws/clients.ts';
import { type AwsNames, provision, subscriberQueue } from '#adapters/aws/provision.ts';
import { queueUrl } from '#adapters/aws/provision-queue.ts';
import { type ResolvedNames, resolveNames } from '#adapters/aws/resolve-names.ts';
import { cloud } from '../support/cloud.ts';

export const TIMEOUTS = {
  connectMs: 1000,
  requestMs: 10_000,
  receiveSlackMs: 5000,
  completeMultipartMs: 60_000,
  bodyIdleMs: 10_000,
} as const;

/** How patiently a queue is polled. */
export const QUEUE_TIMING = {
  receiveSlackMs: TIMEOUTS.receiveSlackMs,
  backoffBaseMs: 200,
  backoffCapMs: 20_000,
} as const;

/** The cloud of this run, as a process is configured for it. */
export const awsConfig = (): AwsConfig => ({
  region: cloud().region,
  endpoints: cloud().endpoints,
  credentials: cloud().credentials,
  timeouts: TIMEOUTS,
  callsMaxApi: 2,
  socketsMax: 64,
  circuit: { failuresMax: 5, failuresSpreadMs: 0, trialAfterMs: 1000, trialAfterMsMax: 30_000 },
});

/** Names that nobody else uses. */
export const freshNames = (): AwsNames => {
  const id = randomUUID().slice(0, 8);
  return {
    bucket: `media-${id}`,
    queue: `work-${id}`,
    deadLetterQueue: `work-${id}-dlq`,
    topic: `events-${id}`,
    table: `assets-${id}`,
  };
};

export const PROVISION_OPTIONS = {
  queueVisibilitySeconds: 30,
  queueReceivesMax: 100,
  corsOrigins: ['*'],
};

export interface CloudKit {
  readonly clients: AwsClients;
  readonly names: AwsNames;
  readonly resolved: ResolvedNames;
  /** URL of the queue that subscribes to the topic. */
  readonly subscriberUrl: string;
}

/** Everything StreamForge runs on, made for one test file. */
export async function openCloud(): Promise<CloudKit> {
  const clients = awsClients(awsConfig(), 'worker');
  const names = freshNames();
  await provision(clients, names, { ...PROVISION_OPTIONS, region: cloud().region });
  const resolved = await resolveNames(clients, names);
  const subscriberUrl = (await queueUrl(clients.sqs, subscriberQueue(names.topic))) ?? '';
  return { clients, names, resolved, subscriberUrl };
}

/** Whether the cloud is a moto, some of whose ways are its own. */
export async function isMoto(): Promise<boolean> {
  if (cloud().name === 'embedded') return false;
  const answer = await fetch(new URL('/moto-api/', cloud().endpoints.dynamodb));
  await answer.arrayBuffer();
  return answer.ok;
}
