import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoAssetStore } from '#adapters/aws/dynamo-asset-store.ts';
import { DERIVED_PREFIX } from '#domain/keys.ts';
import type { RowEvidence } from './evidence.ts';
import type { RedisServer } from './redis-server.ts';

const READS_AT_ONCE = 16;
const LOCK_PAUSE_MS = 200;
/** Everything that is due at any time. */
const ALWAYS = Number.MAX_SAFE_INTEGER;

/** Every message of a queue, whether it can be seen, is delayed, or is in somebody's hands. */
export async function messagesIn(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return (['', 'NotVisible', 'Delayed'] as const)
    .map((which) => Number(Attributes[`ApproximateNumberOfMessages${which}`] ?? 0))
    .reduce((sum, count) => sum + count);
}

/** Rows that the sweeper has still to look at, some day; counted up to 100 a shard. */
export async function unfinishedRows(assets: DynamoAssetStore): Promise<number> {
  const shards = Array.from({ length: assets.shards }, (_, shard) =>
    assets.due({ shard, dueUntil: ALWAYS, keysMax: 100 }),
  );
  return (await Promise.all(shards)).flat().length;
}

/** The rows of these assets, read consistently; those that are gone are left out. */
export async function readRows(
  assets: DynamoAssetStore,
  tenant: string,
  assetIds: readonly string[],
): Promise<readonly RowEvidence[]> {
  const rows: RowEvidence[] = [];
  let next = 0;
  const reader = async (): Promise<void> => {
    for (let assetId = assetIds[next++]; assetId !== undefined; assetId = assetIds[next++]) {
      const row = await assets.get({ tenant, assetId });
      if (row) rows.push(row);
    }
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, reader));
  return rows;
}

/** Keys of everything that was made of files. */
export async function derivedKeys(client: S3Client, Bucket: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client },
    { Bucket, Prefix: DERIVED_PREFIX },
  ))
    keys.push(...Contents.map(({ Key = '' }) => Key));
  return keys;
}

/** Locks that are there after the time of the longest has passed, or that have no time. */
export async function leakedLocks(redis: RedisServer, ttlMs: number): Promise<readonly string[]> {
  const until = performance.now() + ttlMs + 1000;
  for (;;) {
    const locks = await redis.locks();
    if (locks.size === 0 || performance.now() > until) return [...locks.keys()];
    await sleep(LOCK_PAUSE_MS);
  }
}

/** Every file below a directory, and every directory that is empty. */
export async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true });
  return entries.filter((path) => !entries.some((other) => other.startsWith(`${path}/`)));
}
