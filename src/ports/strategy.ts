import type { Asset, Derivative } from '#domain/asset.ts';
import type { MediaKind, MediaType } from '#domain/media-types.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { MediaSource } from './media-source.ts';

/** One file to be read, and what is known of it. */
export interface StrategyInput {
  readonly asset: Asset;
  readonly mediaType: MediaType;
  readonly source: MediaSource;
}

/** What a strategy found out and made; `engine` names who read the file. */
export interface Analysis {
  readonly engine: string;
  readonly metadata: MediaMetadata;
  readonly derivatives: readonly Derivative[];
}

/**
 * How one kind of media is read.
 *
 * Three witnesses must agree: the declared type, the magic bytes, the container.
 * Cancellation: an abort ends everything it started before the promise rejects.
 * Errors: ForgeError, permanent where the bytes are to blame, transient where they are not.
 */
export interface Strategy {
  readonly kind: MediaKind;
  analyse(input: StrategyInput, signal: AbortSignal): Promise<Analysis>;
}
