import { ForgeError } from '#domain/errors.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { LocalCopies, LocalCopy } from '#ports/local-copies.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { isSeenByKeyFrames } from './by-key-frames.ts';
import { type ExcerptBounds, excerpt } from './excerpt/excerpt.ts';
import type { FilmRequest } from './excerpt/key-frame-film.ts';
import { holdCopy } from './hold-copy.ts';

/** How copies are bounded. */
export interface TempCopiesOptions {
  /** A larger source is not copied as a whole. */
  readonly bytesMax: number;
  /** A video over so many bytes is copied by its key frames. */
  readonly wholeBytesMax: number;
  readonly excerpt: ExcerptBounds;
}

/** As many as the longest storyboard has pictures; those of a shorter one, and of a poster, are among them. */
const KEY_FRAMES = 100;

/** Containers whose index says where the key frames are. */
const INDEXED = ['mp4', 'mov', 'webm', 'matroska'];

/** Another attempt, or nobody, would find it better: what is wrong is not how it is copied. */
const FATAL = [
  'SOURCE_GONE',
  'SOURCE_CHANGED',
  'OBJECT_STORE_UNAVAILABLE',
  'ACCESS_DENIED',
  'PROBE_UNAVAILABLE',
];

/** Copies in the machine's folder for temporary files. */
export class TempCopies implements LocalCopies {
  readonly #options: TempCopiesOptions;

  constructor(options: TempCopiesOptions) {
    this.#options = options;
  }

  async open(
    source: MediaSource,
    metadata: MediaMetadata,
    signal: AbortSignal,
  ): Promise<LocalCopy> {
    signal.throwIfAborted();
    const film = await this.#film(source, metadata, signal);
    const { bytesMax } = this.#options;
    if (film) return holdCopy(once(film), film.length, signal);
    if (source.size > bytesMax) {
      const detail = `too large to be copied: ${source.size} bytes, of ${bytesMax} at most`;
      throw new ForgeError('PROBE_BUDGET_EXCEEDED', 'permanent', detail);
    }
    return holdCopy(source.stream(signal), bytesMax, signal);
  }

  /** Null where the source is small, and where no film can be made of it. */
  async #film(
    source: MediaSource,
    metadata: MediaMetadata,
    signal: AbortSignal,
  ): Promise<Uint8Array | null> {
    const { wholeBytesMax, excerpt: bounds } = this.#options;
    const request = source.size > wholeBytesMax ? filmRequest(metadata) : null;
    if (!request) return null;
    try {
      return await excerpt(source, request, bounds, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ForgeError) || FATAL.includes(error.code)) throw error;
      return null;
    }
  }
}

function filmRequest(metadata: MediaMetadata): FilmRequest | null {
  if (metadata.kind !== 'video' || !INDEXED.includes(metadata.container)) return null;
  const { container, durationSeconds: duration } = metadata;
  if (duration === null || !isSeenByKeyFrames(duration)) return null;
  return { container, duration, count: KEY_FRAMES };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
