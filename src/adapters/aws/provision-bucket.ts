import { isDeepStrictEqual } from 'node:util';
import {
  type BucketLocationConstraint,
  type CORSRule,
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  HeadBucketCommand,
  type LifecycleRule,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  type QueueConfiguration,
  type S3Client,
} from '@aws-sdk/client-s3';
import { UPLOADS_PREFIX } from '#domain/keys.ts';
import { type ProvisionStep, step, unless } from './provision-step.ts';

/** What a bucket is set up with. */
export interface BucketPlan {
  readonly bucket: string;
  readonly region: string;
  readonly queueArn: string;
  readonly corsOrigins: readonly string[];
}

type State = ProvisionStep['state'];

/** Parts of uploads that nobody completes cost money for ever. */
const ABORT_MULTIPART_DAYS = 7;

/** A browser need not ask again for this long. */
const CORS_MAX_AGE_SECONDS = 3600;

/** The region that has no name as a location. */
const DEFAULT_REGION = 'us-east-1';

/** Bucket, CORS, lifecycle and notification, in this order; what others have set up there is kept. */
export async function provisionBucket(
  s3: S3Client,
  plan: BucketPlan,
): Promise<readonly ProvisionStep[]> {
  const { bucket } = plan;
  return [
    await step('bucket', bucket, () => createBucket(s3, plan)),
    await step('bucket CORS', bucket, () => setCors(s3, plan)),
    await step('bucket lifecycle', bucket, () => setLifecycle(s3, bucket)),
    await step('bucket notification', bucket, () => setNotification(s3, plan)),
  ];
}

async function createBucket(s3: S3Client, { bucket, region }: BucketPlan): Promise<State> {
  const head = () => s3.send(new HeadBucketCommand({ Bucket: bucket }));
  if (await unless(['NotFound', 'NoSuchBucket'], head)) return 'found';
  const location = region as BucketLocationConstraint;
  await s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      ...(region !== DEFAULT_REGION && {
        CreateBucketConfiguration: { LocationConstraint: location },
      }),
    }),
  );
  return 'created';
}

/** Browsers PUT from other origins, and read the ETag of a part from its answer. */
async function setCors(s3: S3Client, { bucket, corsOrigins }: BucketPlan): Promise<State> {
  const rule: CORSRule = {
    ID: 'streamforge',
    AllowedOrigins: [...corsOrigins],
    AllowedMethods: ['PUT'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: CORS_MAX_AGE_SECONDS,
  };
  const get = () => s3.send(new GetBucketCorsCommand({ Bucket: bucket }));
  const rules = (await unless(['NoSuchCORSConfiguration'], get))?.CORSRules ?? [];
  const next = withOurs(rules, rule, ({ ID }) => ID);
  if (next === null) return 'found';
  await s3.send(
    new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: next } }),
  );
  return rules.length === 0 ? 'created' : 'updated';
}

async function setLifecycle(s3: S3Client, bucket: string): Promise<State> {
  const rule: LifecycleRule = {
    ID: 'streamforge-abort-uploads',
    Status: 'Enabled',
    Filter: { Prefix: UPLOADS_PREFIX },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: ABORT_MULTIPART_DAYS },
  };
  const get = () => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
  const rules = (await unless(['NoSuchLifecycleConfiguration'], get))?.Rules ?? [];
  const next = withOurs(rules, rule, ({ ID }) => ID);
  if (next === null) return 'found';
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: bucket,
      LifecycleConfiguration: { Rules: next },
    }),
  );
  return rules.length === 0 ? 'created' : 'updated';
}

async function setNotification(s3: S3Client, { bucket, queueArn }: BucketPlan): Promise<State> {
  const ours: QueueConfiguration = {
    Id: 'streamforge-uploads',
    QueueArn: queueArn,
    Events: ['s3:ObjectCreated:*'],
    Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: UPLOADS_PREFIX }] } },
  };
  const { $metadata: _, ...found } = await s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: bucket }),
  );
  const queues = found.QueueConfigurations ?? [];
  if (queues.some((each) => isDeepStrictEqual(meaning(each), meaning(ours)))) return 'found';
  const others = queues.filter(({ Id }) => Id !== ours.Id);
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: { ...found, QueueConfigurations: [...others, ours] },
    }),
  );
  return queues.length === 0 ? 'created' : 'updated';
}

/** What a notification does, whatever it is called; S3 spells the name of a filter rule with a capital. */
const meaning = ({ QueueArn, Events, Filter }: QueueConfiguration) => ({
  QueueArn,
  Events,
  rules: (Filter?.Key?.FilterRules ?? []).map(({ Name, Value }) => [Name?.toLowerCase(), Value]),
});

/** The rules with ours among them, or null where it is there already. */
function withOurs<T extends object>(
  rules: readonly T[],
  ours: T,
  idOf: (rule: T) => string | undefined,
): T[] | null {
  const same = (rule: T) =>
    Object.entries(ours).every(([name, value]) => isDeepStrictEqual(rule[name as keyof T], value));
  if (rules.some(same)) return null;
  return [...rules.filter((rule) => idOf(rule) !== idOf(ours)), ours];
}
