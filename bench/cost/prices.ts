/**
 * List prices, US East (N. Virginia), in dollars for a million, first tier. As they stood in November 2026 to the author's
 * knowledge: compare them with the pages named before you count on them.
 */
export const PRICES = {
  /** "Amazon SQS pricing": standard queues, per request of up to 64 KB. */
  sqsRequest: 0.4,
  /** "Amazon SNS pricing": standard topics, per publish request of up to 64 KB; deliveries to SQS are free. */
  snsPublish: 0.5,
  /** "Amazon DynamoDB pricing", on-demand capacity: write request units of 1 KB. */
  dynamodbWriteUnit: 0.625,
  /** The same page: read request units of 4 KB, strongly consistent. */
  dynamodbReadUnit: 0.125,
  /** "Amazon S3 pricing", S3 Standard: PUT, COPY, POST, LIST. */
  s3Put: 5,
  /** The same page: GET, SELECT, and all others. */
  s3Get: 0.4,
  /** "Amazon ElastiCache pricing", Serverless for Redis OSS: processing units, one for each KB of a command. */
  redisCommand: 0.0034,
} as const;

/** The price of a call that is billed by the request, by the name of its command; 0 where it is billed otherwise. */
export function callPrice(service: string, command: string): number {
  if (service === 'SQS') return PRICES.sqsRequest;
  if (service === 'SNS') return PRICES.snsPublish;
  if (service === 'Redis') return PRICES.redisCommand;
  if (service !== 'S3' || command.startsWith('DeleteObject')) return 0;
  return /^(Put|List|Create|Upload|Complete)/.test(command) ? PRICES.s3Put : PRICES.s3Get;
}
