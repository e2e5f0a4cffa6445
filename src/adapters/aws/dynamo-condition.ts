import type { Condition as ToolboxCondition } from 'dynamodb-toolbox/entity/actions/parseCondition';
import type { Condition } from '#domain/condition.ts';
import type { AssetEntity } from './asset-table.ts';

/** A condition on an asset, as dynamodb-toolbox spells it. */
export type AssetCondition = ToolboxCondition<AssetEntity>;

/**
 * The same condition in DynamoDB's terms: both take a comparison with an absent attribute for false.
 * The casts bridge one gap: toolbox's type pairs each attribute with its values, a {@link Condition} is any of them.
 */
export function dynamoCondition(condition: Condition): AssetCondition {
  if ('either' in condition) return { or: condition.either.map(dynamoCondition) };
  const { attr } = condition;
  if ('is' in condition) return { attr, exists: condition.is === 'present' } as AssetCondition;
  if ('eq' in condition) return { attr, eq: condition.eq } as AssetCondition;
  if ('oneOf' in condition) return { attr, in: [...condition.oneOf] } as AssetCondition;
  if ('below' in condition) return { attr, lt: condition.below } as AssetCondition;
  return { attr, gte: condition.atLeast } as AssetCondition;
}
