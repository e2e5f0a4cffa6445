import type { Asset } from './asset.ts';

/** A value a condition compares with. */
export type Scalar = string | number;

/**
 * A condition on one row, as data, so that DynamoDB, the memory twin and the model of the protocol share one definition.
 * A comparison with an attribute the row does not have is false, as in DynamoDB.
 */
export type Condition =
  | { readonly attr: keyof Asset; readonly is: 'present' | 'absent' }
  | { readonly attr: keyof Asset; readonly eq: Scalar }
  | { readonly attr: keyof Asset; readonly oneOf: readonly Scalar[] }
  | { readonly attr: keyof Asset; readonly below: number }
  | { readonly attr: keyof Asset; readonly atLeast: number }
  | { readonly either: readonly Condition[] };

/** Whether the condition holds for the row. */
export function holds(condition: Condition, row: Asset): boolean {
  if ('either' in condition) return condition.either.some((each) => holds(each, row));
  const value = row[condition.attr];
  if ('is' in condition) return (value !== undefined) === (condition.is === 'present');
  if ('eq' in condition) return value === condition.eq;
  if ('oneOf' in condition) return condition.oneOf.some((each) => each === value);
  if (typeof value !== 'number') return false;
  return 'below' in condition ? value < condition.below : value >= condition.atLeast;
}
