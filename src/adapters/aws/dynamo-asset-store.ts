import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { FormattedItem } from 'dynamodb-toolbox/entity';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { UpdateAttributesCommand } from 'dynamodb-toolbox/entity/actions/updateAttributes';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import type { Asset, AssetKey } from '#domain/asset.ts';
import { holds } from '#domain/condition.ts';
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
import { type AssetCondition, dynamoCondition } from './dynamo-condition.ts';
import { dynamoUpdate } from './dynamo-update.ts';
import { vendorError } from './vendor-error.ts';

/** Writes that lose this often to others of the same row, one after the other, are not lost but tried again later. */
const ROUNDS_MAX = 8;

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
    return (await conditional(() => put.send(sendOptions(signal)), signal)) !== null;
  }

  async write(key: AssetKey, change: Change, signal?: AbortSignal): Promise<Written> {
    let row = await this.#append(key, change, signal);
    if (row) return { applied: true, asset: row };
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const seen = await this.get(key, signal);
      if (!seen || !applies(change, seen)) return { applied: false, asset: seen };
      // Nothing in the row speaks against it: its history was full, or it changed in between.
      row = hasRoom(seen)
        ? await this.#append(key, change, signal)
        : await this.#trim(seen, change, signal);
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
    try {
      const { Item } = await get.send(sendOptions(signal));
      return Item ? toAsset(Item) : null;
    } catch (error) {
      throw vendorError(error, 'STORE_UNAVAILABLE', signal);
    }
  }

  async due(
    { shard, dueUntil, keysMax }: DueQuery,
    signal?: AbortSignal,
  ): Promise<readonly AssetKey[]> {
    const query = this.#entity.table
      .build(QueryCommand)
      .query({ index: DUE_INDEX, partition: String(shard), range: { lte: dueUntil } })
      .options({ limit: keysMax });
    try {
      const { Items = [] } = await query.send(sendOptions(signal));
      return Items.flatMap(({ pk }) => parsePartitionKey(String(pk)) ?? []);
    } catch (error) {
      throw vendorError(error, 'STORE_UNAVAILABLE', signal);
    }
  }

  /** The write as everybody does it; null where it is refused, be it for want of room in the history. */
  #append(key: AssetKey, change: Change, signal: AbortSignal | undefined): Promise<Asset | null> {
    const roomLeft: AssetCondition[] = change.note
      ? [{ size: 'history', lt: HISTORY_ENTRIES_MAX }]
      : [];
    return this.#update(dynamoUpdate(key, change), change, roomLeft, signal);
  }

  /** DynamoDB cannot append and cut in one expression: the history is written whole, if the row is still as read. */
  #trim(row: Asset, change: Change, signal: AbortSignal | undefined): Promise<Asset | null> {
    const trimmed = [...row.history, ...(change.note ? [change.note] : [])].slice(
      -HISTORY_ENTRIES_MAX,
    );
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
    const output = await conditional(() => update.send(sendOptions(signal)), signal);
    return output?.Attributes ? toAsset(output.Attributes) : null;
  }
}

const applies = (change: Change, row: Asset): boolean =>
  Object.values(change.only).every((condition) => holds(condition, row));

const hasRoom = (row: Asset): boolean => row.history.length < HISTORY_ENTRIES_MAX;

/** Toolbox says "or undefined" of what is optional; what it read is there or is not. */
const toAsset = (item: FormattedItem<AssetEntity>): Asset => item as Asset;

const sendOptions = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});

/** The call's answer, or null where its condition does not hold. */
async function conditional<T>(
  call: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null;
    throw vendorError(error, 'STORE_UNAVAILABLE', signal);
  }
}
