import type { ImageFacts } from '#domain/metadata.ts';
import type { MediaSource } from './media-source.ts';

/**
 * Reads an image: decodes all of it once, so that a truncated one is found.
 *
 * Containment: formats are an allow-list, pixels and bytes are bounded.
 * Errors: ForgeError `CORRUPT_MEDIA`, `UNSUPPORTED_CONTAINER`, `IMAGE_TOO_LARGE` (permanent), those of the source.
 */
export interface ImageReader {
  read(source: MediaSource, signal: AbortSignal): Promise<ImageFacts>;
}
