import type { MediaMetadata } from '#domain/metadata.ts';
import type { LocalFile } from './local-copies.ts';
import type { MediaSource } from './media-source.ts';

/** What a maker has to work with. */
export interface DerivativeInput {
  /** What the file has turned out to be. */
  readonly metadata: MediaMetadata;
  readonly source: MediaSource;
  /**
   * A copy of the source on this machine, made when the first maker asks, the same for all makers of an asset, and gone
   * after the last. Rejects as `LocalCopies` does.
   */
  readonly copy: () => Promise<LocalFile>;
}

/** One file that was made. */
export interface MadeFile {
  /** What it is called in the result: `poster`, `thumbnail-640`. */
  readonly name: string;
  /** The last part of its key: letters, digits, `-` and `.`. */
  readonly fileName: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** The contents, where they are a word that belongs into the result itself. */
  readonly value?: string;
}

/**
 * Makes one kind of derivative: a poster, thumbnails, a waveform.
 *
 * `name` is what it is switched on and off by, and what it is called in the result when it fails. It makes at least one
 * file, or it rejects. Nothing of the source's own metadata (place, camera, names) is in what it makes.
 * Containment: whatever the bytes are, memory, time and processes are bounded, and nothing but the source is read.
 * Cancellation: an abort ends what it started before the promise rejects.
 * Errors: ForgeError; `PROBE_UNAVAILABLE` and `PROBE_BUDGET_EXCEEDED` where it could not be tried here (transient where
 * another attempt may find more room, memory or time), media codes where the bytes are to blame, those of the source. The
 * message is shown to the client.
 */
export interface DerivativeMaker {
  readonly name: string;
  /** Whether there is anything to make of such a file. */
  appliesTo(metadata: MediaMetadata): boolean;
  make(input: DerivativeInput, signal: AbortSignal): Promise<readonly MadeFile[]>;
}
