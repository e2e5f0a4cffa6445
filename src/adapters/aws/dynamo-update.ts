import { $add, $append, $get, $remove } from 'dynamodb-toolbox/entity/actions/update';
import type { UpdateAttributesInput } from 'dynamodb-toolbox/entity/actions/updateAttributes';
import type { AssetKey, HistoryEntry } from '#domain/asset.ts';
import type { Scalar } from '#domain/condition.ts';
import type { Change } from '#domain/protocol.ts';
import type { AssetEntity } from './asset-table.ts';

/**
 * What a change writes, as dynamodb-toolbox spells it. Nested values are replaced whole.
 *
 * @param trimmed The whole history to store; without it the change's note is appended to what is there.
 */
export function dynamoUpdate(
  { tenant, assetId }: AssetKey,
  change: Change,
  trimmed?: readonly HistoryEntry[],
): UpdateAttributesInput<AssetEntity> {
  const { set, setIfAbsent = {}, add = {}, remove = [], note, at } = change;
  const update: Record<string, unknown> = { ...set, rev: $add(1), updatedAt: at };
  for (const [attr, value] of Object.entries(setIfAbsent)) {
    // The cast: what is set only once are scalars, and toolbox takes those.
    update[attr] = $get(attr, value as Scalar);
  }
  for (const [attr, amount] of Object.entries(add)) update[attr] = $add(amount);
  for (const attr of remove) update[attr] = $remove();
  if (note) update['history'] = trimmed ?? $append([note]);
  return { ...update, tenant, assetId };
}
