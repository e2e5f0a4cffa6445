import type { Asset } from './asset.ts';
import { holds } from './condition.ts';
import { type Change, HISTORY_ENTRIES_MAX } from './protocol.ts';

/**
 * The row after the change, or null where a condition refuses it: the meaning of a {@link Change}, in one function.
 * DynamoDB does the same by its own means; a contract suite holds the two together.
 */
export function applyChange(row: Asset, change: Change): Asset | null {
  if (!Object.values(change.only).every((condition) => holds(condition, row))) return null;
  const next: Record<string, unknown> = {
    ...change.setIfAbsent,
    ...row,
    ...change.set,
    rev: row.rev + 1,
    updatedAt: change.at,
    history: change.note ? [...row.history, change.note].slice(-HISTORY_ENTRIES_MAX) : row.history,
  };
  for (const [attr, amount] of Object.entries(change.add ?? {})) {
    next[attr] = row[attr as keyof typeof change.add & ('fencingToken' | 'attempts')] + amount;
  }
  for (const attr of change.remove ?? []) delete next[attr];
  return next as Partial<Asset> as Asset;
}
