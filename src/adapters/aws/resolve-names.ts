import { ForgeError } from '#domain/errors.ts';
import { callerOf } from './call-aws.ts';
import type { AwsClients } from './clients.ts';
import type { AwsNames } from './provision.ts';
import { findQueue, queueUrl } from './provision-queue.ts';
import { topicArnBeside, topicExists } from './provision-topic.ts';

const callQueue = callerOf('QUEUE_UNAVAILABLE');
const callEventBus = callerOf('EVENT_BUS_UNAVAILABLE');

/** What calls need in place of names. */
export interface ResolvedNames {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly topicArn: string;
}

/**
 * Looks up what the names stand for, once, at start.
 *
 * @throws ForgeError `NOT_SET_UP` (permanent), naming all that is missing; `QUEUE_UNAVAILABLE` or
 * `EVENT_BUS_UNAVAILABLE` (transient).
 */
export async function resolveNames(
  { sqs, sns }: AwsClients,
  names: AwsNames,
): Promise<ResolvedNames> {
  const [queue, deadLetterQueueUrl] = await callQueue(undefined, () =>
    Promise.all([findQueue(sqs, names.queue), queueUrl(sqs, names.deadLetterQueue)]),
  );
  // A topic's ARN is its queue's with another service in it; without a queue nobody knows the account.
  const topicArn = queue ? topicArnBeside(queue.arn, names.topic) : null;
  const topic =
    topicArn !== null && (await callEventBus(undefined, () => topicExists(sns, topicArn)));
  if (queue && deadLetterQueueUrl && topicArn !== null && topic) {
    return { queueUrl: queue.url, deadLetterQueueUrl, topicArn };
  }
  const missing = [
    ...(queue ? [] : [`queue '${names.queue}'`]),
    ...(deadLetterQueueUrl ? [] : [`queue '${names.deadLetterQueue}'`]),
    ...(queue && !topic ? [`topic '${names.topic}'`] : []),
  ];
  const text = `there is no ${missing.join(', no ')}: run npm run setup:aws`;
  throw new ForgeError('NOT_SET_UP', 'permanent', text);
}
