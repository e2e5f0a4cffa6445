/** What a picture at some time in a video looks like from afar. */
export interface Moment {
  /** Seconds from the start. */
  readonly at: number;
  /** Of its luma: 0 is black, 255 white. */
  readonly mean: number;
  readonly deviation: number;
}

const SIDE_PIXELS = 32;

/** Makes ffmpeg write pictures as {@link sampleMoments} reads them: small, grey and raw. */
export const SAMPLE_FILTER = `scale=${SIDE_PIXELS}:${SIDE_PIXELS}:flags=area,format=gray`;

/** Darker ones pass for black, flatter ones for blank. */
const MEAN_MIN = 24;
const DEVIATION_MIN = 8;

/** Moments out of raw pictures, one after the other. */
export function sampleMoments(
  bytes: Uint8Array,
  timeOf: (index: number) => number,
): readonly Moment[] {
  const count = Math.floor(bytes.length / SIDE_PIXELS ** 2);
  return Array.from({ length: count }, (_, index) => {
    const pixels = bytes.subarray(index * SIDE_PIXELS ** 2, (index + 1) * SIDE_PIXELS ** 2);
    const mean = average(pixels, (pixel) => pixel);
    const variance = average(pixels, (pixel) => (pixel - mean) ** 2);
    return { at: timeOf(index), mean, deviation: Math.sqrt(variance) };
  });
}

/** Whether something is to be seen. */
export function isTelling({ mean, deviation }: Moment): boolean {
  return mean >= MEAN_MIN && deviation >= DEVIATION_MIN;
}

/** Which of two pictures that tell little tells more. */
export function interest({ mean, deviation }: Moment): number {
  return deviation * 2 + mean / 16;
}

function average(pixels: Uint8Array, of: (pixel: number) => number): number {
  return pixels.reduce((sum, pixel) => sum + of(pixel), 0) / pixels.length;
}
