import type { AssetStatus, Derivative, HistoryEntry } from '#domain/asset.ts';
import type { ErrorCode } from '#domain/errors.ts';
import type { EpochMs } from '#domain/time.ts';

/** An upload whose bytes S3 has taken: from here on nothing excuses its loss. */
export interface AcceptedJob {
  readonly assetId: string;
  readonly fileName: string;
  /** The code it has to fail with; null where it has to complete. */
  readonly failsWith: ErrorCode | null;
}

/** A row at the end, read consistently. */
export interface RowEvidence {
  readonly assetId: string;
  readonly status: AssetStatus;
  readonly dueAt?: EpochMs;
  readonly eventId?: string;
  readonly event?: unknown;
  readonly failure?: { readonly code: ErrorCode };
  readonly fencingToken: number;
  readonly result?: {
    readonly derivatives: readonly Pick<Derivative, 'name' | 'status' | 'key'>[];
  };
  readonly history: readonly HistoryEntry[];
}

/** An event as the subscriber got it, once for every time it came. */
export interface EventEvidence {
  readonly assetId: string;
  readonly generation: number;
  readonly eventId: string;
  readonly status: AssetStatus;
}

/** A worker that took an asset, as its own log says. */
export interface ClaimEvidence {
  readonly worker: string;
  readonly assetId: string;
  readonly at: EpochMs;
}

/** A worker that died of a SIGKILL: the plan's, or a killer file's. */
export interface KillEvidence {
  readonly worker: string;
  readonly at: EpochMs;
}

/** Everything that is left when a run has ended, as found from outside. */
export interface Evidence {
  readonly accepted: readonly AcceptedJob[];
  readonly rows: readonly RowEvidence[];
  readonly events: readonly EventEvidence[];
  readonly claims: readonly ClaimEvidence[];
  readonly kills: readonly KillEvidence[];
  /** Messages in the work queue, visible or in flight. */
  readonly queued: number;
  readonly deadLetters: number;
  /** Names of Redis keys that no lock's time will remove, or that outlived it. */
  readonly locks: readonly string[];
  /** Keys of everything that was made of files, by whomever. */
  readonly derived: readonly string[];
  /** Paths below the workers' directory for temporary files. */
  readonly files: readonly string[];
}
