import {
  type AwsCircuits,
  type AwsClients,
  type AwsConfig,
  type AwsProfile,
  awsClients,
} from '#adapters/aws/clients.ts';
import { DynamoAssetStore } from '#adapters/aws/dynamo-asset-store.ts';
import type { AwsNames } from '#adapters/aws/provision.ts';
import { resolveNames } from '#adapters/aws/resolve-names.ts';
import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { SnsEventBus } from '#adapters/aws/sns-event-bus.ts';
import { SqsDeadLetters } from '#adapters/aws/sqs-dead-letters.ts';
import { SqsQueue, type SqsQueueOptions } from '#adapters/aws/sqs-queue.ts';
import { MemoryLock } from '#adapters/memory/memory-lock.ts';
import { MemoryStatusCache } from '#adapters/memory/memory-status-cache.ts';
import { SystemClock } from '#adapters/node/system-clock.ts';
import { SystemIds } from '#adapters/node/system-ids.ts';
import { redisClient, untilReady } from '#adapters/redis/redis-client.ts';
import { RedisLock } from '#adapters/redis/redis-lock.ts';
import { RedisStatusCache } from '#adapters/redis/redis-status-cache.ts';
import type { Env } from '#config/env.ts';
import { leaseTimes } from '#config/lease.ts';
import { LIMITS } from '#config/limits.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { DeadLetters } from '#ports/dead-letters.ts';
import type { EventBus } from '#ports/event-bus.ts';
import type { Ids } from '#ports/ids.ts';
import type { Lock } from '#ports/lock.ts';
import type { Log } from '#ports/log.ts';
import type { Metrics } from '#ports/metrics.ts';
import type { ObjectStore } from '#ports/object-store.ts';
import type { Queue } from '#ports/queue.ts';
import type { StatusCache } from '#ports/status-cache.ts';
import { crash, crashingObjects } from './crashing-objects.ts';
import { lazyEventBus, lazyQueue, remembered } from './lazy-ports.ts';
import { type OpenMetrics, unmeasured } from './open-metrics.ts';
import { toldEventBus } from './told-event-bus.ts';

/** Every port, open. */
export interface Ports {
  readonly assets: AssetStore;
  readonly objects: ObjectStore;
  readonly queue: Queue;
  readonly events: EventBus;
  readonly lock: Lock;
  readonly cache: StatusCache;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How the services of AWS are doing. */
  readonly circuits: AwsCircuits;
  /**
   * Looks up what AWS calls the queues and the topic. Their first use does so too, until it has worked once.
   *
   * @throws ForgeError `NOT_SET_UP` (permanent) where they do not exist; transient where AWS is out of reach.
   */
  lookUp(): Promise<unknown>;
  /** Opens the dead-letter queue, which nobody but people needs. @throws ForgeError as `lookUp` does. */
  openDeadLetters(): Promise<DeadLetters>;
  /** What the API cannot do without, and whether it is well. */
  readiness(): Promise<Readonly<Record<string, boolean>>>;
  close(): void;
}

/** What differs between AWS and the embedded cloud. */
export interface PortsOptions {
  readonly aws: AwsConfig;
  readonly profile: AwsProfile;
  readonly queueWaitSeconds: number;
  /** Closed with the ports. Nobody watches unless told. */
  readonly measured?: OpenMetrics;
}

/** The resources that the environment names. */
export function awsNames(env: Env): AwsNames {
  return {
    bucket: env.S3_BUCKET,
    queue: env.SQS_QUEUE_NAME,
    deadLetterQueue: env.SQS_DLQ_NAME,
    topic: env.SNS_TOPIC_NAME,
    table: env.DYNAMODB_TABLE,
  };
}

/** Where AWS is, by the environment; credentials are the SDK's own affair. */
export function awsConfig(env: Env): AwsConfig {
  const { AWS_ENDPOINT_URL: all } = env;
  return {
    region: env.AWS_REGION,
    endpoints: {
      s3: env.AWS_ENDPOINT_URL_S3 ?? all,
      sqs: env.AWS_ENDPOINT_URL_SQS ?? all,
      sns: env.AWS_ENDPOINT_URL_SNS ?? all,
      dynamodb: env.AWS_ENDPOINT_URL_DYNAMODB ?? all,
    },
    s3PublicEndpoint: env.S3_PUBLIC_ENDPOINT,
    timeouts: {
      connectMs: LIMITS.awsConnectTimeoutMs,
      requestMs: LIMITS.awsRequestTimeoutMs,
      receiveSlackMs: LIMITS.awsReceiveSlackMs,
      completeMultipartMs: LIMITS.awsCompleteMultipartTimeoutMs,
      bodyIdleMs: LIMITS.awsBodyIdleTimeoutMs,
    },
    circuit: {
      failuresMax: LIMITS.circuitFailuresMax,
      failuresSpreadMs: LIMITS.circuitFailuresSpreadMs,
      trialAfterMs: LIMITS.circuitTrialAfterMs,
      trialAfterMsMax: LIMITS.circuitTrialAfterMsMax,
    },
    callsMaxApi: LIMITS.awsCallsMaxApi,
    socketsMax: LIMITS.awsSocketsMax,
  };
}

/** Opens every port. Nothing needs to be up yet. */
export async function openPorts(
  env: Env,
  log: Log,
  { aws, profile, queueWaitSeconds, measured = unmeasured }: PortsOptions,
): Promise<Ports> {
  const { metrics } = measured;
  const clients = awsClients(aws, profile, { log, metrics });
  const lookUp = remembered(() => resolveNames(clients, awsNames(env)));
  const clock = new SystemClock();
  const ids = new SystemIds();
  const objects = new S3ObjectStore(clients, { bucket: env.S3_BUCKET, timeouts: aws.timeouts });
  const assets = new DynamoAssetStore(clients.dynamodb, env.DYNAMODB_TABLE);
  const shared = env.REDIS_URL ? await overRedis(env.REDIS_URL, log, metrics) : inProcess(clock);
  return {
    ...shared.ports,
    circuits: clients.circuits,
    assets,
    objects: env.CRASH_AT ? crashingObjects(objects, env.CRASH_AT, crash) : objects,
    queue: lazyQueue(
      remembered(async () =>
        openQueue(clients, {
          ...(await lookUp()),
          waitSeconds: queueWaitSeconds,
          visibilitySeconds: leaseTimes(env.WORKER_LEASE_SECONDS).queueVisibilitySeconds,
          log,
        }),
      ),
    ),
    events: toldEventBus(
      lazyEventBus(remembered(async () => new SnsEventBus(clients.sns, (await lookUp()).topicArn))),
      { log, metrics },
    ),
    lookUp,
    openDeadLetters: async () =>
      new SqsDeadLetters(clients.sqs, {
        deadLetterQueueUrl: (await lookUp()).deadLetterQueueUrl,
        waitSeconds: LIMITS.deadLetterWaitSeconds,
        visibilitySeconds: LIMITS.deadLetterVisibilitySeconds,
        receiveSlackMs: LIMITS.awsReceiveSlackMs,
      }),
    clock,
    ids,
    log,
    metrics,
    readiness: async () => ({ store: await isReachable(assets) }),
    close: () => {
      shared.close();
      clients.destroy();
      measured.close();
    },
  };
}

/** A queue with the bounds that every queue here has. */
export function openQueue(
  { sqs }: Pick<AwsClients, 'sqs'>,
  own: Pick<
    SqsQueueOptions,
    'queueUrl' | 'deadLetterQueueUrl' | 'waitSeconds' | 'visibilitySeconds' | 'log'
  >,
): SqsQueue {
  return new SqsQueue(sqs, {
    ...own,
    consumers: LIMITS.queueConsumersMax,
    receiveSlackMs: LIMITS.awsReceiveSlackMs,
    backoffBaseMs: LIMITS.pollBackoffBaseMs,
    backoffCapMs: LIMITS.pollBackoffCapMs,
  });
}

/** Waits for Redis a moment, so that the first messages find their lock; one that is down is done without. */
async function overRedis(url: string, log: Log, metrics: Metrics) {
  const client = redisClient(
    {
      url,
      commandTimeoutMs: LIMITS.redisCommandTimeoutMs,
      connectTimeoutMs: LIMITS.redisConnectTimeoutMs,
      reconnectBaseMs: LIMITS.redisReconnectBaseMs,
      reconnectCapMs: LIMITS.redisReconnectCapMs,
    },
    log,
    metrics,
  );
  await untilReady(client, LIMITS.redisConnectTimeoutMs);
  return {
    ports: {
      lock: new RedisLock(client, { timeoutMs: LIMITS.redisLockTimeoutMs }, metrics),
      cache: new RedisStatusCache(client, { timeoutMs: LIMITS.redisCacheTimeoutMs }, log, metrics),
    },
    close: () => client.disconnect(),
  };
}

function inProcess(clock: Clock) {
  const bound = { entriesMax: LIMITS.memoryEntriesMax };
  return {
    ports: { lock: new MemoryLock(clock, bound), cache: new MemoryStatusCache(clock, bound) },
    close: () => {},
  };
}

/** A read of a row that cannot exist: cheap, and through everything a real one goes through. */
function isReachable(assets: AssetStore): Promise<boolean> {
  return assets
    .get({ tenant: 'readyz', assetId: 'readyz' }, AbortSignal.timeout(LIMITS.readinessTimeoutMs))
    .then(
      () => true,
      () => false,
    );
}
