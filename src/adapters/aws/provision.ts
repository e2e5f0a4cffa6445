import type { AwsClients } from './clients.ts';
import { provisionBucket } from './provision-bucket.ts';
import { provisionQueue } from './provision-queue.ts';
import type { ProvisionStep } from './provision-step.ts';
import { provisionTable } from './provision-table.ts';
import { provisionSubscription, provisionTopic, topicArnBeside } from './provision-topic.ts';

/** What everything is called. */
export interface AwsNames {
  readonly bucket: string;
  readonly queue: string;
  readonly deadLetterQueue: string;
  readonly topic: string;
  readonly table: string;
}

/** What provisioning needs to know besides the names. */
interface ProvisionOptions {
  readonly region: string;
  readonly queueVisibilitySeconds: number;
  readonly queueReceivesMax: number;
  /** Origins of web pages that may upload. */
  readonly corsOrigins: readonly string[];
  /** The queue that subscribes to the topic; `<topic>-subscriber` unless told. */
  readonly subscribe?: { readonly queue: string };
}

/** SQS's maximum. A dead letter keeps the age of its message, so this is more than the queue's own 4 days. */
const DEAD_LETTER_RETENTION_SECONDS = 14 * 24 * 3600;

/** The name of the queue that subscribes to the topic by default. */
export const subscriberQueue = (topic: string): string => `${topic}-subscriber`;

/**
 * Creates what StreamForge runs on, and brings it up to date: running it again changes nothing. One step after the
 * other, in the order in which they depend on each other. What a service does not know is skipped, and says so.
 *
 * @throws ForgeError `NOT_SET_UP` (permanent), naming the resource that could not be set up.
 */
export async function provision(
  { s3, sqs, sns, dynamodb }: AwsClients,
  names: AwsNames,
  options: ProvisionOptions,
): Promise<readonly ProvisionStep[]> {
  const deadLetter = await provisionQueue(
    sqs,
    { resource: 'dead-letter queue', name: names.deadLetterQueue },
    { MessageRetentionPeriod: String(DEAD_LETTER_RETENTION_SECONDS) },
  );
  const redrive = {
    deadLetterTargetArn: deadLetter.queue.arn,
    maxReceiveCount: options.queueReceivesMax,
  };
  const work = await provisionQueue(
    sqs,
    { resource: 'queue', name: names.queue },
    {
      VisibilityTimeout: String(options.queueVisibilitySeconds),
      RedrivePolicy: JSON.stringify(redrive),
    },
    (arn) => ({ service: 's3.amazonaws.com', sourceArn: bucketArn(arn, names.bucket) }),
  );
  const bucket = await provisionBucket(s3, {
    bucket: names.bucket,
    region: options.region,
    queueArn: work.queue.arn,
    corsOrigins: options.corsOrigins,
  });
  const topicArn = topicArnBeside(work.queue.arn, names.topic);
  const topic = await provisionTopic(sns, names.topic, topicArn);
  const subscriberName = options.subscribe?.queue ?? subscriberQueue(names.topic);
  const subscriber = await provisionQueue(
    sqs,
    { resource: 'subscriber queue', name: subscriberName },
    {},
    () => ({ service: 'sns.amazonaws.com', sourceArn: topicArn }),
  );
  const subscription = await provisionSubscription(sns, topicArn, {
    name: subscriberName,
    arn: subscriber.queue.arn,
  });
  const table = await provisionTable(dynamodb, names.table);
  return [
    ...deadLetter.steps,
    ...work.steps,
    ...bucket,
    topic,
    ...subscriber.steps,
    subscription,
    table,
  ];
}

const bucketArn = (queueArn: string, bucket: string): string =>
  `arn:${queueArn.split(':')[1]}:s3:::${bucket}`;
