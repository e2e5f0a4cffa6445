import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import { type ImageBounds, shown, wallOf } from './derivative-input.ts';
import { withinWall } from './image-wall.ts';

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

  async make(
    { metadata, copy }: DerivativeInput,
    signal: AbortSignal,
  ): Promise<readonly MadeFile[]> {
    const file = await copy();
    const wall = wallOf(metadata, this.#options, signal);
    const made: MadeFile[] = [];
    for (const width of this.#fitting(metadata)) {
      const height = Math.min(width * HEIGHT_OF_WIDTHS_MAX, SIDE_PIXELS_MAX);
      const body = await withinWall(wall, () =>
        shown(file, this.#options)
          .resize({ width, height, fit: 'inside', withoutEnlargement: true })
          .webp({ quality: QUALITY })
          .toBuffer(),
      );
      const name = `thumbnail-${width}`;
      made.push({ name, fileName: `${name}.webp`, contentType: 'image/webp', body });
    }
    signal.throwIfAborted();
    return made;
  }

  /** The smallest there is in any case: an image smaller than that keeps its size. */
  #fitting(metadata: MediaMetadata): readonly number[] {
    const own = metadata.kind === 'image' ? metadata.image.displayWidth : 0;
    return this.#options.widths.filter((width, index) => index === 0 || width <= own);
  }
}
