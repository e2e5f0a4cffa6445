/** A file with more tracks than this is an attack; ffmpeg stops at 1000. */
export const TRACKS_MAX = 128;

/** Width to height of one pixel. */
export type Ratio = readonly [number, number];

/** The ratio in its lowest terms, or null where it is none. */
export function lowestTerms([across, down]: Ratio): Ratio | null {
  if (!(Number.isSafeInteger(across) && Number.isSafeInteger(down) && across > 0 && down > 0)) {
    return null;
  }
  let [a, b] = [across, down];
  while (b > 0) [a, b] = [b, a % b];
  return [across / a, down / a];
}

/** As `16:15`. */
export function ratioText(ratio: Ratio | null): string | null {
  return ratio ? ratio.join(':') : null;
}

/**
 * The size a picture is shown with: pixel aspect widens or narrows it (the height stays, as ITU-R BT.601 material is
 * shown), then it is turned.
 */
export function displaySize(
  coded: { readonly width: number; readonly height: number },
  pixelAspect: Ratio | null,
  rotation: number,
): { displayWidth: number; displayHeight: number } {
  const [across, down] = pixelAspect ?? [1, 1];
  const width = Math.round((coded.width * across) / down);
  return rotation % 180 === 0
    ? { displayWidth: width, displayHeight: coded.height }
    : { displayWidth: coded.height, displayHeight: width };
}

/** Clockwise quarter turns, in degrees: 0, 90, 180 or 270. */
export function quarterTurns(degrees: number): number {
  return Number.isFinite(degrees) ? (((Math.round(degrees / 90) * 90) % 360) + 360) % 360 : 0;
}

/** A positive number rounded to so many decimals, or null: engines say 0, NaN or nothing where they don't know. */
export function known(value: number | null | undefined, decimals = 0): number | null {
  if (value === null || value === undefined || !Number.isFinite(value) || value <= 0) return null;
  return Number(value.toFixed(decimals));
}

/** Three-letter code, or null where it says nothing. */
export function knownLanguage(code: string | null | undefined): string | null {
  return code && /^[a-z]{3}$/.test(code) && code !== 'und' ? code : null;
}
