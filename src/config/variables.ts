import * as v from 'valibot';
import { TENANT_PATTERN } from '#domain/keys.ts';
import { parseCrashAt } from './crash-at.ts';
import { LEASE_SECONDS_MAX, LEASE_SECONDS_MIN } from './lease.ts';
import { LIMITS } from './limits.ts';

/** A hashed API key and whose it is. */
export interface ApiKey {
  readonly tenant: string;
  /** SHA-256 of the key, lower-case hexadecimal. */
  readonly sha256: string;
}

const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, 'has to be a whole number'),
    v.transform(Number),
    v.minValue(min, `has to be at least ${min}`),
    v.maxValue(max, `has to be at most ${max}`),
  );
const port = wholeNumber(0, 65_535);
const slots = wholeNumber(1, 1024);
const slotsOrAuto = v.union(
  [v.literal('auto'), slots],
  'has to be a whole number from 1 to 1024, or auto',
);
const urlOf = (scheme: RegExp, otherwise: string) =>
  v.pipe(
    v.string(),
    v.check((text) => scheme.test(text) && URL.canParse(text), otherwise),
  );
const url = urlOf(/^https?:\/\//, 'has to be an http or https URL');
const redisUrl = urlOf(/^rediss?:\/\//, 'has to be a redis or rediss URL');
const list = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((entry) => entry.trim())),
);
const widths = v.pipe(
  list,
  v.check(
    (entries) => entries.length <= 10 && entries.every((entry) => /^[1-9]\d{0,3}$/.test(entry)),
    'has to be up to 10 whole numbers from 1 to 9999',
  ),
  v.transform((entries) => [...new Set(entries.map(Number))].sort((a, b) => a - b)),
);
const name = (pattern: RegExp) =>
  v.pipe(v.string(), v.regex(pattern, 'has characters or a length its service refuses'));
const table = name(/^[A-Za-z0-9_.-]{3,255}$/);
const bucket = name(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
const queue = name(/^[A-Za-z0-9_-]{1,80}$/);

const crashAt = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseCrashAt(dataset.value);
    if (typeof parsed !== 'string') return parsed;
    addIssue({ message: parsed });
    return NEVER;
  }),
);

const API_KEY = /^([^:]+):([0-9a-f]{64})$/;

const apiKeys = v.pipe(
  list,
  v.check(
    (entries) => entries.every((entry) => TENANT_PATTERN.test(API_KEY.exec(entry)?.[1] ?? '')),
    'has to be tenant:sha256hex, several separated by commas',
  ),
  v.transform((entries) =>
    entries.map((entry): ApiKey => {
      const [, tenant = '', sha256 = ''] = API_KEY.exec(entry) ?? [];
      return { tenant, sha256 };
    }),
  ),
);

/**
 * Every environment variable StreamForge reads, with its default and what it is for. The README's table is held against
 * this list by a test. Credentials are the AWS SDK's own affair.
 */
export const VARIABLES = {
  PORT: v.pipe(v.optional(port, '3000'), v.description('Port of the API; 0 takes a free one')),
  HOST: v.pipe(
    v.optional(v.string(), '127.0.0.1'),
    v.description('Address the API binds to; another than loopback needs `API_KEYS`'),
  ),
  API_KEYS: v.pipe(
    v.optional(apiKeys),
    v.description(
      '`tenant:sha256hex` of each API key, separated by commas; without it there is no authentication, on loopback only',
    ),
  ),
  WORKER_CONCURRENCY: v.pipe(
    v.optional(slotsOrAuto, '16'),
    v.description(
      'Assets one worker works on at once; `auto` finds out: more while all are busy, fewer when a service throttles or fails',
    ),
  ),
  WORKER_CONCURRENCY_MIN: v.pipe(
    v.optional(slots, '4'),
    v.description('The fewest that `auto` may choose'),
  ),
  WORKER_CONCURRENCY_MAX: v.pipe(
    v.optional(slots, '256'),
    v.description('The most that `auto` may choose'),
  ),
  WORKER_ATTEMPTS_MAX: v.pipe(
    v.optional(wholeNumber(1, 20), String(LIMITS.attemptsMax)),
    v.description('Attempts at one asset before it is `FAILED` with `RETRIES_EXHAUSTED`'),
  ),
  WORKER_LEASE_SECONDS: v.pipe(
    v.optional(wholeNumber(LEASE_SECONDS_MIN, LEASE_SECONDS_MAX), String(LIMITS.leaseMs / 1000)),
    v.description(
      "How long an asset is its worker's without a sign of life, and so how soon another takes over; the same for every worker",
    ),
  ),
  ENV_FILE: v.pipe(
    v.optional(v.string()),
    v.description(
      'A dotenv file whose values go before those of the environment; SIGHUP rereads `WORKER_CONCURRENCY`, `WORKER_CONCURRENCY_MIN`, `WORKER_CONCURRENCY_MAX`, `WORKER_ATTEMPTS_MAX` and `LOG_LEVEL` from it',
    ),
  ),
  METRICS_PORT: v.pipe(
    v.optional(port),
    v.description('Port of `/metrics`, for Prometheus, on `HOST`; without it nothing is measured'),
  ),
  LOG_LEVEL: v.pipe(
    v.optional(v.picklist(['debug', 'info', 'warn', 'error', 'silent']), 'info'),
    v.description('`debug`, `info`, `warn`, `error` or `silent`'),
  ),
  AWS_REGION: v.pipe(
    v.optional(
      v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/, 'has to be a region name')),
      'us-east-1',
    ),
    v.description('Region of every service'),
  ),
  AWS_ENDPOINT_URL: v.pipe(
    v.optional(url),
    v.description('One endpoint for all services: LocalStack, moto; unset means AWS'),
  ),
  AWS_ENDPOINT_URL_S3: v.pipe(
    v.optional(url),
    v.description('Endpoint of S3, before `AWS_ENDPOINT_URL`'),
  ),
  AWS_ENDPOINT_URL_SQS: v.pipe(
    v.optional(url),
    v.description('Endpoint of SQS, before `AWS_ENDPOINT_URL`'),
  ),
  AWS_ENDPOINT_URL_SNS: v.pipe(
    v.optional(url),
    v.description('Endpoint of SNS, before `AWS_ENDPOINT_URL`'),
  ),
  AWS_ENDPOINT_URL_DYNAMODB: v.pipe(
    v.optional(url),
    v.description('Endpoint of DynamoDB, before `AWS_ENDPOINT_URL`'),
  ),
  S3_PUBLIC_ENDPOINT: v.pipe(
    v.optional(url),
    v.description(
      'Where clients reach S3, when that differs from where StreamForge does; presigned URLs are signed for it',
    ),
  ),
  S3_BUCKET: v.pipe(
    v.optional(bucket, 'streamforge-media'),
    v.description('Bucket of sources and derivatives'),
  ),
  CORS_ORIGINS: v.pipe(
    v.optional(list, '*'),
    v.description(
      'Origins of web pages that may upload, separated by commas; `setup:aws` writes them into the bucket',
    ),
  ),
  SQS_QUEUE_NAME: v.pipe(v.optional(queue, 'streamforge-uploads'), v.description('Queue of work')),
  SQS_DLQ_NAME: v.pipe(
    v.optional(queue, 'streamforge-uploads-dlq'),
    v.description('Queue of messages nobody can work on'),
  ),
  SNS_TOPIC_NAME: v.pipe(
    v.optional(name(/^[A-Za-z0-9_-]{1,256}$/), 'streamforge-events'),
    v.description(
      'Topic of events; `setup:aws` also subscribes a queue of the name with `-subscriber` behind it',
    ),
  ),
  DYNAMODB_TABLE: v.pipe(v.optional(table, 'streamforge-assets'), v.description('Table of assets')),
  REDIS_URL: v.pipe(
    v.optional(redisUrl),
    v.description('Lock and cache; without it they live in the process, which is enough for one'),
  ),
  PROBE_ENGINE: v.pipe(
    v.optional(v.picklist(['auto', 'ffprobe']), 'auto'),
    v.description('`auto` chooses by container, `ffprobe` forces ffprobe'),
  ),
  KEEP_GPS: v.pipe(
    v.optional(v.picklist(['true', 'false']), 'false'),
    v.transform((value) => value === 'true'),
    v.description('Whether a result tells where a picture was taken'),
  ),
  FFPROBE_PATH: v.pipe(
    v.optional(v.string()),
    v.description('Another ffprobe than the bundled one'),
  ),
  FFMPEG_PATH: v.pipe(
    v.optional(v.string()),
    v.description(
      'Another ffmpeg than the first on the `PATH`; derivatives of video and audio need one',
    ),
  ),
  DERIVATIVES: v.pipe(
    v.optional(list, 'thumbnails,thumbhash,poster,storyboard,waveform,cover,loudness'),
    v.description(
      'What is made of the files, separated by commas, see `docs/derivatives.md`; `none` for nothing',
    ),
  ),
  THUMBNAIL_WIDTHS: v.pipe(
    v.optional(widths, '160,640,1280'),
    v.description(
      'Widths of the thumbnails of an image in pixels, separated by commas; none is wider than the image',
    ),
  ),
  VERIFY_CHECKSUM: v.pipe(
    v.optional(v.picklist(['stored', 'always']), 'stored'),
    v.description(
      'A declared SHA-256 is held against what S3 says of the object: `stored`; where S3 says nothing, `always` reads the whole object for it',
    ),
  ),
  CRASH_AT: v.pipe(
    v.optional(crashAt),
    v.description(
      'For tests: kills the process with SIGKILL at a named point, `before-` or `after-` one of `lock`, `claim`, `analyse`, `derivative`, `commit`, `publish`, `clear` and `ack`; with `@name` behind it only for assets whose file has that name (not for `lock`, `claim`, `derivative` and `ack`)',
    ),
  ),
  DATA_DIR: v.pipe(
    v.optional(v.string(), '.streamforge'),
    v.description('State of the embedded cloud'),
  ),
  CLOUD_S3_PORT: v.pipe(v.optional(port, '4566'), v.description('Port of the embedded S3')),
  CLOUD_MESSAGING_PORT: v.pipe(
    v.optional(port, '4567'),
    v.description('Port of the embedded SQS and SNS'),
  ),
  CLOUD_DYNAMODB_PORT: v.pipe(
    v.optional(port, '4568'),
    v.description('Port of the embedded DynamoDB'),
  ),
} as const;
