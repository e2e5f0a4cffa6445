import type { Asset, AssetKey } from '#domain/asset.ts';
import type { Change } from '#domain/protocol.ts';
import type { EpochMs } from '#domain/time.ts';

/** What became of a conditional write. A refused one brings the row as it is now, or null where there is none. */
export type Written =
  | { readonly applied: true; readonly asset: Asset }
  | { readonly applied: false; readonly asset: Asset | null };

/** Which part of the index of unfinished things to look at. */
export interface DueQuery {
  /** From 0, below `shards`. */
  readonly shard: number;
  /** Rows whose `dueAt` is not after this. */
  readonly dueUntil: EpochMs;
  /** Keys to answer with at most, the longest due first. */
  readonly keysMax: number;
}

/**
 * The one durable record of assets: one row each, changed only by conditional writes.
 *
 * Atomicity: a change applies whole or not at all, against the latest row. Ordering: writes of one row are linear; `rev`
 * counts them. Reads: consistent, unless said otherwise. A refused change is an answer, not an error; the row it brings
 * was read consistently after the refusal.
 * Lost replies: a call that fails may have been applied. The caller finds out from `claimId`, or from token and `eventId`.
 * Cancellation: an aborted call rejects soon; whether it was applied is unknown.
 * Errors: ForgeError `STORE_UNAVAILABLE` (transient), `ACCESS_DENIED` (transient).
 */
export interface AssetStore {
  /** Writes a new row, or answers false where the id is taken. */
  create(asset: Asset, signal?: AbortSignal): Promise<boolean>;
  write(key: AssetKey, change: Change, signal?: AbortSignal): Promise<Written>;
  get(key: AssetKey, signal?: AbortSignal): Promise<Asset | null>;
  /** Parts of the index of unfinished things. */
  readonly shards: number;
  /** Keys of rows that are due. The index lags behind the rows, so an answer is a hint: read the row before acting on it. */
  due(query: DueQuery, signal?: AbortSignal): Promise<readonly AssetKey[]>;
}
