import type { ResizeOptions } from 'sharp';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import { type ImageBounds, ofShown } from './derivative-input.ts';
import { sharp } from './safe-sharp.ts';

/** What thumbnails are made by. */
export interface ThumbnailOptions extends ImageBounds {
  /** Pixels, ascending. */
  readonly widths: readonly number[];
}

/** A strip as high as a tower is made narrower still: WebP ends at 16 383 pixels. */
const HEIGHT_OF_WIDTHS_MAX = 4;
const SIDE_PIXELS_MAX = 16_383;
const QUALITY = 80;

/** Smaller WebP pictures of an image, in several widths, none wider than the image itself. */
export class ThumbnailsMaker implements DerivativeMaker {
  readonly name = 'thumbnails';
  readonly #options: ThumbnailOptions;

  constructor(options: ThumbnailOptions) {
    this.#options = options;
  }

  appliesTo({ kind }: MediaMetadata): boolean {
    return kind === 'image';
  }

  /** Decodes the image once: the smaller ones are made of the largest, which costs them nothing that can be seen. */
  async make(input: DerivativeInput, signal: AbortSignal): Promise<readonly MadeFile[]> {
    const widths = this.#fitting(input.metadata);
    return ofShown(input, this.#options, signal, async (image, limit) => {
      const largest = image.resize(within(widths.at(-1) ?? 0)).raw();
      const { data, info } = await largest.toBuffer({ resolveWithObject: true });
      // Not all of it: sharp says of pixels with alpha that they are premultiplied, which they are no longer.
      const raw = { width: info.width, height: info.height, channels: info.channels };
      const made: MadeFile[] = [];
      for (const width of widths) {
        signal.throwIfAborted();
        const smaller = sharp(data, { raw }).timeout(limit).resize(within(width));
        const body = await smaller.webp({ quality: QUALITY }).toBuffer();
        const name = `thumbnail-${width}`;
        made.push({ name, fileName: `${name}.webp`, contentType: 'image/webp', body });
      }
      return made;
    });
  }

  /** The smallest there is in any case: an image smaller than that keeps its size. */
  #fitting(metadata: MediaMetadata): readonly number[] {
    const own = metadata.kind === 'image' ? metadata.image.displayWidth : 0;
    return this.#options.widths.filter((width, index) => index === 0 || width <= own);
  }
}

function within(width: number): ResizeOptions {
  const height = Math.min(width * HEIGHT_OF_WIDTHS_MAX, SIDE_PIXELS_MAX);
  return { width, height, fit: 'inside', withoutEnlargement: true };
}
