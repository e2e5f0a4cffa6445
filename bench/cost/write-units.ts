import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** A row, its values as JavaScript has them. */
export type Item = Readonly<Record<string, unknown>>;

/** An index as far as it is billed: what it is keyed by, and everything it carries, keys included. */
export interface IndexShape {
  readonly name: string;
  readonly keys: readonly string[];
  readonly carries: readonly string[];
}

const KB = 1024;
const LIST_OR_MAP_BYTES = 3;
const ENTRY_BYTES = 1;

/**
 * What a write is billed for in the table: units of 1 KB, by the larger of the row before and after.
 * Source: DynamoDB developer guide, "DynamoDB read and write operations".
 */
export function tableUnits(before: Item | undefined, after: Item): number {
  return Math.ceil(Math.max(before ? itemBytes(before) : 0, itemBytes(after)) / KB);
}

/**
 * What the same write is billed for in an index: one write where the row enters it, leaves it, or something changes that it
 * carries; two where a key changes, because the old entry goes and a new one comes; nothing otherwise.
 * Source: DynamoDB developer guide, "Global secondary indexes", "Provisioned throughput considerations".
 */
export function indexUnits(
  { keys, carries }: IndexShape,
  before: Item | undefined,
  after: Item,
): number {
  const isIn = (item: Item | undefined): item is Item =>
    item !== undefined && keys.every((key) => item[key] !== undefined);
  const units = (item: Item): number => Math.ceil(itemBytes(pick(item, carries)) / KB);
  if (!isIn(before)) return isIn(after) ? units(after) : 0;
  if (!isIn(after)) return units(before);
  const differs = (name: string): boolean =>
    JSON.stringify(before[name]) !== JSON.stringify(after[name]);
  if (keys.some(differs)) return units(before) + units(after);
  return carries.some(differs) ? Math.max(units(before), units(after)) : 0;
}

function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = item[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Names and values, as the developer guide counts them in "DynamoDB item sizes and formats". */
function itemBytes(item: Item): number {
  return Object.entries(item).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).replace(/\D/g, '').length / 2) + 1;
  if (typeof value !== 'object' || value === null) return 1;
  if (!Array.isArray(value)) {
    const entries = ENTRY_BYTES * Object.keys(value).length;
    return LIST_OR_MAP_BYTES + entries + itemBytes(value as Item);
  }
  return value.reduce(
    (bytes: number, one: unknown) => bytes + ENTRY_BYTES + valueBytes(one),
    LIST_OR_MAP_BYTES,
  );
}

/** A row out of DynamoDB's own spelling. */
export function toItem(attributes: Readonly<Record<string, AttributeValue>>): Item {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, plain(value)]),
  );
}

function plain({ S, N, BOOL, L, M }: AttributeValue): unknown {
  if (S !== undefined) return S;
  if (N !== undefined) return Number(N);
  if (L) return L.map(plain);
  return M ? toItem(M) : (BOOL ?? null);
}
