import type { MediaMetadata } from '#domain/metadata.ts';
import type { MediaSource } from './media-source.ts';

/** A copy of a source on this machine, which only its maker knows the name of. */
export interface LocalFile {
  readonly path: string;
  /** Of this copy alone: whoever reads it may run there. */
  readonly directory: string;
}

/** A {@link LocalFile} for as long as it is wanted. */
export interface LocalCopy extends LocalFile {
  /** Resolves when nothing is left of it. */
  remove(): Promise<void>;
}

/**
 * Copies sources to this machine, for tools that read files only.
 *
 * All bytes of a small source. Of a large video it may be its key frames alone, at the times they have in the source: who
 * looks at a long video does it by key frames.
 * Private: nobody can guess the name, and nobody writes to it. Bounded: a source of which too much would have to be copied is not begun.
 * Cancellation: an aborted copy leaves nothing behind before the promise rejects with the signal's reason. A copy that is
 * there stays until it is removed.
 * Errors: ForgeError `PROBE_BUDGET_EXCEEDED` (permanent) where the source is too large, `PROBE_UNAVAILABLE` (transient) where
 * this machine has no room now, those of the source.
 */
export interface LocalCopies {
  open(source: MediaSource, metadata: MediaMetadata, signal: AbortSignal): Promise<LocalCopy>;
}
