import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Entity } from 'dynamodb-toolbox/entity';
import { any } from 'dynamodb-toolbox/schema/any';
import { item } from 'dynamodb-toolbox/schema/item';
import { list } from 'dynamodb-toolbox/schema/list';
import { number } from 'dynamodb-toolbox/schema/number';
import { string } from 'dynamodb-toolbox/schema/string';
import { Table } from 'dynamodb-toolbox/table';
import { jsonStringify } from 'dynamodb-toolbox/transformers/jsonStringify';
import { ASSET_STATUSES, type Asset, type AssetKey } from '#domain/asset.ts';

/** Partitions of the index of unfinished things: what one sweep reads is spread over them. */
export const DUE_SHARDS = 16;

/** Everything unfinished by the time it is due; sparse, because a finished asset has no `dueAt`. */
export const DUE_INDEX = 'due';

/** Every asset of a tenant by the time it was made. */
export const TENANT_INDEX = 'tenant';

/** Spreads ids evenly over the shards (FNV-1a). */
export function dueShard(assetId: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < assetId.length; at++) {
    hash = Math.imul(hash ^ assetId.charCodeAt(at), 0x01000193);
  }
  return String((hash >>> 0) % DUE_SHARDS);
}

/** Names the attributes that the table's keys and indexes are made of; `provision-table.ts` creates the same. */
function assetTable(dynamodb: DynamoDBClient, name: string) {
  return new Table({
    name,
    documentClient: DynamoDBDocumentClient.from(dynamodb, {
      marshallOptions: { removeUndefinedValues: true },
    }),
    partitionKey: { name: 'pk', type: 'string' },
    indexes: {
      [DUE_INDEX]: {
        type: 'global',
        partitionKey: { name: 'dueShard', type: 'string' },
        sortKey: { name: 'dueAt', type: 'number' },
      },
      [TENANT_INDEX]: {
        type: 'global',
        partitionKey: { name: 'tenant', type: 'string' },
        sortKey: { name: 'createdAt', type: 'number' },
      },
    },
  });
}

/** Every attribute of an asset. What is opaque to the store is `any`: it is written and read whole. */
const assetSchema = item({
  tenant: string().key(),
  assetId: string().key(),
  status: string().enum(...ASSET_STATUSES),
  generation: number(),
  rev: number(),
  fencingToken: number(),
  attempts: number(),
  fileName: string(),
  contentType: string(),
  size: any().castAs<Asset['size']>(),
  checksumSha256: string().optional(),
  // As text: whatever numbers the client has in there, DynamoDB might not.
  clientMetadata: any()
    .castAs<NonNullable<Asset['clientMetadata']>>()
    .transform(jsonStringify())
    .optional(),
  correlationId: string(),
  traceparent: string(),
  createdAt: number(),
  updatedAt: number(),
  completedAt: number().optional(),
  uploadExpiresAt: number(),
  dueAt: number().optional(),
  leaseUntil: number().optional(),
  claimId: string().optional(),
  sourceEtag: string().optional(),
  result: any().castAs<NonNullable<Asset['result']>>().optional(),
  failure: any().castAs<NonNullable<Asset['failure']>>().optional(),
  lastError: string().optional(),
  eventId: string().optional(),
  event: any().castAs<NonNullable<Asset['event']>>().optional(),
  deletedAt: number().optional(),
  purgingAt: number().optional(),
  history: list(any().castAs<Asset['history'][number]>()),
  dueShard: string().hidden(),
});

function partitionKeyOf({ tenant, assetId }: AssetKey): string {
  return `A#${tenant}#${assetId}`;
}

/** The asset of a partition key: the one thing the index of unfinished things has. */
export function parsePartitionKey(pk: string): AssetKey | null {
  const [kind, tenant, assetId] = pk.split('#');
  return kind === 'A' && tenant && assetId ? { tenant, assetId } : null;
}

/** The asset as an entity of its table. */
export function assetEntity(dynamodb: DynamoDBClient, tableName: string) {
  return new Entity({
    name: 'asset',
    table: assetTable(dynamodb, tableName),
    schema: assetSchema,
    computeKey: (key: AssetKey) => ({ pk: partitionKeyOf(key) }),
    timestamps: false,
    entityAttribute: false,
  });
}

/** See {@link assetEntity}. */
export type AssetEntity = ReturnType<typeof assetEntity>;
