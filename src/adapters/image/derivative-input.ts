import type { Sharp } from 'sharp';
import { ForgeError } from '#domain/errors.ts';
import type { LocalFile } from '#ports/local-copies.ts';
import { sharp } from './safe-sharp.ts';

/** What making something of an image may use. */
export interface ImageBounds {
  readonly pixelsMax: number;
  /** Of one picture that is made. */
  readonly secondsMax: number;
}

/** An image as it is shown, to be made smaller: its first page, turned. What it says of itself is not passed on. */
export function shown({ path }: LocalFile, { pixelsMax, secondsMax }: ImageBounds): Sharp {
  return sharp(path, { failOn: 'error', pages: 1, limitInputPixels: pixelsMax })
    .timeout({ seconds: secondsMax })
    .autoOrient();
}

/** libvips tells what is wrong in words only, and with the names of files in them: those stay here. */
export function refused(error: unknown): never {
  const detail = error instanceof Error ? error.message : String(error);
  const isLarge = /pixel limit|too large/i.test(detail);
  throw new ForgeError(
    isLarge ? 'IMAGE_TOO_LARGE' : 'CORRUPT_MEDIA',
    'permanent',
    isLarge ? 'the image has too many pixels' : 'no smaller image can be made of it',
    { cause: error },
  );
}
