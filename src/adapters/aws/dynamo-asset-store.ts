import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FormattedItem } from 'dynamodb-toolbox/entity';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { UpdateAttributesCommand } from 'dynamodb-toolbox/entity/actions/updateAttributes';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import { applyChange } from '#domain/apply-change.ts';
import type { Asset, AssetKey } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { type Change, HISTORY_ENTRIES_MAX } from '#domain/protocol.ts';
import type { AssetStore, DueQuery, Written } from '#ports/asset-store.ts';
import {
  type AssetEntity,
  assetEntity,
  DUE_INDEX,
  DUE_SHARDS,
  dueShard,
  parsePartitionKey,
} from './asset-table.ts';
import { callerOf, type Send } from './call-aws.ts';
import { type AssetCondition, dynamoCondition } from './dynamo-condition.ts';
import { dynamoUpdate } from './dynamo-update.ts';

/** Writes that lose this often to others of the same row, one after the other, are not lost but tried again later. */
const ROUNDS_MAX = 8;

const call = callerOf('STORE_UNAVAILABLE');

/** Assets in DynamoDB: one item each, every change one conditional `UpdateItem`. */
export class DynamoAssetStore implements AssetStore {
  readonly shards = DUE_SHARDS;
  readonly #entity: AssetEntity;

  constructor(dynamodb: DynamoDBClient, table: string) {
    this.#entity = assetEntity(dynamodb, table);
  }

  async create(asset: Asset, signal?: AbortSignal): Promise<boolean> {
    const put = this.#entity
      .build(PutItemCommand)
      .item({ ...asset, history: [...asset.history], dueShard: dueShard(asset.assetId) })
      .options({ condition: { attr: 'assetId', exists: false } });
    return (await conditional(signal, (options) => put.send(options))) !== null;
  }

  async write(key: AssetKey, change: Change, signal?: AbortSignal): Promise<Written> {
    let row = await this.#append(key, change, signal);
    if (row) return { applied: true, asset: row };
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const seen = await this.get(key, signal);
      const next = seen && applyChange(seen, change);
      if (!next) return { applied: false, asset: seen };
      // Nothing in the row speaks against it: its history was full, or it changed in between.
      row = hasRoom(seen)
        ? await this.#append(key, change, signal)
        : await this.#trim(seen, change, next.history, signal);
      if (row) return { applied: true, asset: row };
    }
    throw new ForgeError(
      'STORE_UNAVAILABLE',
      'transient',
      'the row is written by too many at once',
    );
  }

  async get({ tenant, assetId }: AssetKey, signal?: AbortSignal): Promise<Asset | null> {
    const get = this.#entity
      .build(GetItemCommand)
      .key({ tenant, assetId })
      .options({ consistent: true });
    const { Item } = await call(signal, (options) => get.send(options));
    return Item ? toAsset(Item) : null;
  }

  async due(
    { shard, dueUntil, keysMax }: DueQuery,
    signal?: AbortSignal,
  ): Promise<readonly AssetKey[]> {
    const query = this.#entity.table
      .build(QueryCommand)
      .query({ index: DUE_INDEX, partition: String(shard), range: { lte: dueUntil } })
      .options({ limit: keysMax });
    const { Items = [] } = await call(signal, (options) => query.send(options));
    return Items.flatMap(({ pk }) => parsePartitionKey(String(pk)) ?? []);
  }

  /** The write as everybody does it; null where it is refused, be it for want of room in the history. */
  #append(key: AssetKey, change: Change, signal: AbortSignal | undefined): Promise<Asset | null> {
    const roomLeft: AssetCondition[] = change.note
      ? [{ size: 'history', lt: HISTORY_ENTRIES_MAX }]
      : [];
    return this.#update(dynamoUpdate(key, change), change, roomLeft, signal);
  }

  /** DynamoDB cannot append and cut in one expression: the history is written whole, if the row is still as read. */
  #trim(
    row: Asset,
    change: Change,
    trimmed: Asset['history'],
    signal: AbortSignal | undefined,
  ): Promise<Asset | null> {
    const asRead: AssetCondition = { attr: 'rev', eq: row.rev };
    return this.#update(dynamoUpdate(row, change, trimmed), change, [asRead], signal);
  }

  async #update(
    input: ReturnType<typeof dynamoUpdate>,
    change: Change,
    more: readonly AssetCondition[],
    signal: AbortSignal | undefined,
  ): Promise<Asset | null> {
    const isThere: AssetCondition = { attr: 'assetId', exists: true };
    const only = Object.values(change.only).map(dynamoCondition);
    const update = this.#entity
      .build(UpdateAttributesCommand)
      .item(input)
      .options({ condition: { and: [isThere, ...only, ...more] }, returnValues: 'ALL_NEW' });
    const output = await conditional(signal, (options) => update.send(options));
    return output?.Attributes ? toAsset(output.Attributes) : null;
  }
}

const hasRoom = (row: Asset): boolean => row.history.length < HISTORY_ENTRIES_MAX;

/** Toolbox says "or undefined" of what is optional; what it read is there or is not. */
const toAsset = (item: FormattedItem<AssetEntity>): Asset => item as Asset;

/** The call's answer, or null where its condition does not hold. */
function conditional<T>(signal: AbortSignal | undefined, send: Send<T>): Promise<T | null> {
  return call(signal, async (options) => {
    try {
      return await send(options);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return null;
      throw error;
    }
  });
}
