import { cloud } from './cloud.ts';
import type { TestStack } from './stack.ts';

/** What `.env` would say, for processes that work on the resources of a stack. */
export function stackVariables({
  names,
  derives,
}: Pick<TestStack, 'names' | 'derives'>): Record<string, string> {
  const { region, endpoints, credentials } = cloud();
  return {
    AWS_REGION: region,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    S3_BUCKET: names.bucket,
    SQS_QUEUE_NAME: names.queue,
    SQS_DLQ_NAME: names.deadLetterQueue,
    SNS_TOPIC_NAME: names.topic,
    DYNAMODB_TABLE: names.table,
    PORT: '0',
    ...(derives ? {} : { DERIVATIVES: 'none' }),
  };
}
