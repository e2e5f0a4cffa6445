import { readFile } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { ForgeError } from '#domain/errors.ts';
import type { DerivativeInput } from '#ports/derivative-maker.ts';
import { asStill } from './avif.ts';
import { decodeWeight } from './decode-weight.ts';
import { withinWall } from './image-wall.ts';
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

/**
 * Has something made of an image as it is shown: its first page, turned. What it says of itself is not passed on.
 *
 * @param work Is given the image, already bounded, and what bounds pictures that it makes of that.
 * @throws ForgeError as `DerivativeMaker` says.
 */
export async function ofShown<T>(
  { metadata, copy }: DerivativeInput,
  { pixelsMax, line, secondsMax }: ImageBounds,
  signal: AbortSignal,
  work: (image: Sharp, limit: { readonly seconds: number }) => Promise<T>,
): Promise<T> {
  const { path } = await copy();
  const facts = metadata.kind === 'image' ? metadata.image : null;
  const weight = facts ? decodeWeight(facts, true) : 0;
  const made = await withinWall({ line, weight, secondsMax, signal, refuse }, async (limit) => {
    const input = facts?.format === 'avif' ? asStill(await readFile(path)) : path;
    const image = sharp(input, { failOn: 'error', pages: 1, limitInputPixels: pixelsMax });
    return work(image.timeout(limit).autoOrient(), limit);
  });
  signal.throwIfAborted();
  return made;
}

/** libvips tells what is wrong in words only, and with the names of files in them: those stay here. */
function refuse(error: unknown): never {
  const detail = error instanceof Error ? error.message : String(error);
  const isLarge = /pixel limit|too large/i.test(detail);
  throw new ForgeError(
    isLarge ? 'IMAGE_TOO_LARGE' : 'CORRUPT_MEDIA',
    'permanent',
    isLarge ? 'the image has too many pixels' : 'no smaller image can be made of it',
    { cause: error },
  );
}
