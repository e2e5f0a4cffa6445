/** What an image says of itself, as far as it tells how much memory it takes. */
export interface DecodeFacts {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number | null;
}

/** What libheif and libaom keep of a pixel is two and a half times what others do: planes, references and the picture. */
const AVIF_WEIGHT = 2.5;

/** Of 16-bit samples, where the whole picture has to be kept. */
const DEEP_WEIGHT = 2;

/**
 * How much memory decoding an image takes, in pixels of four bytes: measured, with all that the decoder keeps beside them.
 *
 * @param keepsAll Whether it cannot be decoded row by row.
 */
export function decodeWeight(
  { format, width, height, bitDepth }: DecodeFacts,
  keepsAll: boolean,
): number {
  const pixels = width * height;
  if (format === 'avif') return pixels * AVIF_WEIGHT;
  return keepsAll && (bitDepth ?? 0) > 8 ? pixels * DEEP_WEIGHT : pixels;
}
