import type { AudioTrack, DurationSource, SubtitleTrack, VideoTrack } from '#domain/metadata.ts';
import type { MediaSource } from './media-source.ts';

/** What an engine found in a container. */
export interface ProbeReport {
  /** Who read it; two names, as in `mediabunny+mediainfo`, where two did. */
  readonly engine: string;
  /** As `domain/metadata.ts` spells it. */
  readonly container: string;
  readonly durationSeconds: number | null;
  readonly durationSource: DurationSource | null;
  /** Pictures that move; a cover is none. */
  readonly videoTracks: readonly VideoTrack[];
  readonly audioTracks: readonly AudioTrack[];
  /** Null where the engine does not look for them. */
  readonly subtitleTracks: readonly SubtitleTrack[] | null;
  /** Null where the engine does not look for them. */
  readonly chapterCount: number | null;
  readonly hasCover: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Reads what a timed container says of itself: headers and index, not the media.
 *
 * Truth: unknown is null. A file whose index is missing, or reaches past its end, is corrupt, not short.
 * Containment: whatever the bytes are, memory, time and processes are bounded, and nothing outside the source is read.
 * Time: the work is bounded, not the wait for the source's bytes: a slow store says nothing of a file.
 * Cancellation: an abort ends reads and child processes before the promise rejects.
 * Errors: ForgeError `CORRUPT_MEDIA`, `UNSUPPORTED_CONTAINER`, `PROBE_TIMEOUT`, `MEDIA_TOO_COMPLEX` (permanent), those of
 * the source, `PROBE_UNAVAILABLE` (transient) where no engine can run, or none gets the processor time.
 *
 * @param container What the magic bytes say; chooses the engine.
 */
export interface MediaProbe {
  probe(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport>;
}
