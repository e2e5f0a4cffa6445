import type { HdrKind } from '#domain/metadata.ts';

/** A file with more tracks than this is an attack; ffmpeg stops at 1000. */
export const TRACKS_MAX = 128;

/** What a report says of a video track that nobody has looked at closely. */
export const UNTOLD_VIDEO = {
  frameRateMode: null,
  profile: null,
  level: null,
  scanType: null,
  bitDepth: null,
  chromaSubsampling: null,
  colourPrimaries: null,
  colourTransfer: null,
  colourMatrix: null,
  colourRange: null,
  hdr: null,
  keyFrameSeconds: null,
  hasEdits: null,
} as const;

/** Larger terms than those of any pixel aspect in a standard. */
const RATIO_TERM_MAX = 200;

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

/** Of the ratios that round to a number of three decimals, the one of the smallest terms; null where there is none. */
export function simplestRatio(value: number | null): Ratio | null {
  if (value === null || !(value > 0)) return null;
  for (let down = 1; down <= RATIO_TERM_MAX; down += 1) {
    const across = Math.round(value * down);
    if (Math.abs(across / down - value) <= 0.0005) return lowestTerms([across, down]);
  }
  return null;
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

/** The dynamic range, where nothing but the transfer function is known. */
export function hdrOf(transfer: string | null): HdrKind | null {
  if (transfer === 'smpte2084') return 'pq';
  if (transfer === 'arib-std-b67') return 'hlg';
  return transfer === null ? null : 'sdr';
}

/** Languages that have a second code, after their English names, by that code: ISO 639-2/B and /T. */
const BIBLIOGRAPHIC = new Map(
  (
    'alb sqi arm hye baq eus bur mya chi zho cze ces dut nld fre fra geo kat ger deu gre ell ice isl ' +
    'mac mkd mao mri may msa per fas rum ron slo slk tib bod wel cym'
  )
    .match(/\w+ \w+/g)
    ?.map((pair) => pair.split(' ') as [string, string]),
);

/** Three-letter code, or null where it says nothing. */
export function knownLanguage(code: string | null | undefined): string | null {
  if (!code || !/^[a-z]{3}$/.test(code) || code === 'und') return null;
  return BIBLIOGRAPHIC.get(code) ?? code;
}
