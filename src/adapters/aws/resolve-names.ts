import { ForgeError } from '#domain/errors.ts';
import type { AwsClients } from './clients.ts';
import type { AwsNames } from './provision.ts';
import { queueAttributes, queueUrl } from './provision-queue.ts';
import { topicArnBeside, topicExists } from './provision-topic.ts';
import { vendorError } from './vendor-error.ts';

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
  const find = async (name: string) => {
    const url = await queueUrl(sqs, name);
    return url === null ? null : { url, arn: (await queueAttributes(sqs, url))['QueueArn'] ?? '' };
  };
  const asQueueError = (error: unknown) => {
    throw vendorError(error, 'QUEUE_UNAVAILABLE');
  };
  const [queue, deadLetterQueue] = await Promise.all([
    find(names.queue),
    find(names.deadLetterQueue),
  ]).catch(asQueueError);
  // A topic's ARN is its queue's with another service in it; without a queue nobody knows the account.
  const topicArn = queue ? topicArnBeside(queue.arn, names.topic) : null;
  const topic =
    topicArn !== null &&
    (await topicExists(sns, topicArn).catch((error: unknown) => {
      throw vendorError(error, 'EVENT_BUS_UNAVAILABLE');
    }));
  if (queue && deadLetterQueue && topicArn !== null && topic) {
    return { queueUrl: queue.url, deadLetterQueueUrl: deadLetterQueue.url, topicArn };
  }
  const missing = [
    ...(queue ? [] : [`queue '${names.queue}'`]),
    ...(deadLetterQueue ? [] : [`queue '${names.deadLetterQueue}'`]),
    ...(queue && !topic ? [`topic '${names.topic}'`] : []),
  ];
  const text = `there is no ${missing.join(', no ')}: run npm run setup:aws`;
  throw new ForgeError('NOT_SET_UP', 'permanent', text);
}
