import { rgbaToThumbHash } from 'thumbhash';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import { type ImageBounds, ofShown } from './derivative-input.ts';

/** What the hash takes at most, wide and high. */
const SIDE_PIXELS_MAX = 100;

/** About 25 bytes that draw a blurred placeholder of an image, as Base64; see https://evanw.github.io/thumbhash/ */
export class ThumbhashMaker implements DerivativeMaker {
  readonly name = 'thumbhash';
  readonly #bounds: ImageBounds;

  constructor(bounds: ImageBounds) {
    this.#bounds = bounds;
  }

  appliesTo({ kind }: MediaMetadata): boolean {
    return kind === 'image';
  }

  async make(input: DerivativeInput, signal: AbortSignal): Promise<readonly MadeFile[]> {
    const side = SIDE_PIXELS_MAX;
    const { data, info } = await ofShown(input, this.#bounds, signal, (image) =>
      image
        .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
        .toColourspace('srgb')
        .ensureAlpha()
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true }),
    );
    const value = Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
    const body = new TextEncoder().encode(value);
    return [{ name: this.name, fileName: 'thumbhash.txt', contentType: 'text/plain', body, value }];
  }
}
