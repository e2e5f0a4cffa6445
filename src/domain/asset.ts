import type { ErrorCode } from './errors.ts';
import type { ThinEvent } from './events.ts';
import type { MediaMetadata } from './metadata.ts';
import type { EpochMs } from './time.ts';

/** Every status an asset can have; `states.ts` says which may follow which. */
export const ASSET_STATUSES = [
  'PENDING',
  'PROCESSING',
  'COMPLETED',
  'FAILED',
  'EXPIRED',
  'CANCELLED',
  'PURGED',
] as const;

/** One of {@link ASSET_STATUSES}. */
export type AssetStatus = (typeof ASSET_STATUSES)[number];

/** The two statuses that end a generation and publish an event. */
export type TerminalStatus = Extract<AssetStatus, 'COMPLETED' | 'FAILED'>;

/** What identifies an asset. The tenant comes from the credential alone, never from a request. */
export interface AssetKey {
  readonly tenant: string;
  readonly assetId: string;
}

/** Where in the life of a message something went wrong. */
export type Stage = 'claim' | 'analyse' | 'persist' | 'publish';

/** Why an asset is FAILED. `retryable` says whether the same bytes might pass another time. */
export interface Failure {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly stage: Stage;
  readonly retryable: boolean;
}

/** What reading the source cost. Zero requests means nothing had to be read. */
export interface ProbeCost {
  readonly engine: string;
  readonly bytesRead: number;
  readonly requests: number;
  readonly ms: number;
}

/** Something made from the source; `reason` says why it could not be made. */
export interface Derivative {
  readonly name: string;
  readonly status: 'ready' | 'failed' | 'unavailable';
  readonly key?: string;
  readonly contentType?: string;
  /** Bytes. */
  readonly size?: number;
  /** What is in the file, where that is a word: a placeholder is wanted before anything is fetched. */
  readonly value?: string;
  readonly reason?: string;
}

/** Whether the bytes are those whose checksum the client declared; `unverified` where nobody has looked. */
export type ChecksumVerdict = 'verified' | 'unverified';

/** What a strategy found out and made. */
export interface AssetResult {
  readonly metadata: MediaMetadata;
  readonly probe: ProbeCost;
  readonly derivatives: readonly Derivative[];
  /** Absent where the client declared none. */
  readonly checksum?: ChecksumVerdict;
}

/** What a generation ends with. */
export type Ending = { readonly result: AssetResult } | { readonly failure: Failure };

/** One entry of an asset's history. */
export interface HistoryEntry {
  readonly at: EpochMs;
  readonly step: string;
  readonly status: AssetStatus;
  readonly generation: number;
  readonly attempt?: number;
  readonly code?: ErrorCode;
}

/**
 * One uploaded file and all that is known of it: one row, changed only by the conditional writes of `protocol.ts`.
 *
 * `rev` grows with every write. `fencingToken` grows with every claim and never resets: whoever holds the row's
 * token may write, nobody else. An `event` in the row waits to be published. `dueAt` is when the sweeper has to look;
 * a row without one needs nothing more.
 */
export interface Asset extends AssetKey {
  readonly status: AssetStatus;
  readonly generation: number;
  readonly rev: number;
  readonly fencingToken: number;
  readonly attempts: number;
  readonly fileName: string;
  /** As declared, canonical spelling: see `media-types.ts`. */
  readonly contentType: string;
  /** Bytes as declared; null until known. */
  readonly size: number | null;
  /** Base64 of the SHA-256 the client declared. */
  readonly checksumSha256?: string;
  readonly clientMetadata?: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  /** W3C trace context of the request that made the asset. */
  readonly traceparent: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly completedAt?: EpochMs;
  readonly uploadExpiresAt: EpochMs;
  readonly dueAt?: EpochMs;
  readonly leaseUntil?: EpochMs;
  readonly claimId?: string;
  readonly sourceEtag?: string;
  readonly result?: AssetResult;
  readonly failure?: Failure;
  readonly lastError?: string;
  readonly eventId?: string;
  readonly event?: ThinEvent;
  readonly deletedAt?: EpochMs;
  readonly purgingAt?: EpochMs;
  readonly history: readonly HistoryEntry[];
}
