import type { Sharp } from 'sharp';
import { ForgeError } from '#domain/errors.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { LocalFile } from '#ports/local-copies.ts';
import { decodeWeight } from './decode-weight.ts';
import type { ImageWall } from './image-wall.ts';
import { sharp } from './safe-sharp.ts';
import type { WeightedLine } from './weighted-line.ts';

/** What making something of an image may use. */
export interface ImageBounds {
  readonly pixelsMax: number;
  /** Where images stand until there is memory for their pixels. */
  readonly line: WeightedLine;
  /** libvips, over one picture that is made. */
  readonly secondsMax: number;
}

/** An image as it is shown, to be made smaller: its first page, turned. What it says of itself is not passed on. */
export function shown({ path }: LocalFile, { pixelsMax, secondsMax }: ImageBounds): Sharp {
  return sharp(path, { failOn: 'error', pages: 1, limitInputPixels: pixelsMax })
    .timeout({ seconds: secondsMax })
    .autoOrient();
}

/** What bounds one picture that is made of an image. */
export function wallOf(
  metadata: MediaMetadata,
  { line, secondsMax }: ImageBounds,
  signal: AbortSignal,
): ImageWall {
  const weight = metadata.kind === 'image' ? decodeWeight(metadata.image, true) : 0;
  return { line, weight, secondsMax, signal, refuse: refused };
}

/** libvips tells what is wrong in words only, and with the names of files in them: those stay here. */
function refused(error: unknown): never {
  const detail = error instanceof Error ? error.message : String(error);
  const isLarge = /pixel limit|too large/i.test(detail);
  throw new ForgeError(
    isLarge ? 'IMAGE_TOO_LARGE' : 'CORRUPT_MEDIA',
    'permanent',
    isLarge ? 'the image has too many pixels' : 'no smaller image can be made of it',
    { cause: error },
  );
}
