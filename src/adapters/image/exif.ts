import type { CameraFacts, GpsFacts } from '#domain/metadata.ts';
import { readTiff, type TiffDirectory } from './tiff.ts';

/** What is kept of EXIF. */
export interface ExifFacts {
  readonly camera: CameraFacts | null;
  readonly capturedAt: string | null;
  readonly gps: GpsFacts | null;
}

const NOTHING: ExifFacts = { camera: null, capturedAt: null, gps: null };

/** Tags by their numbers in EXIF 2.32. */
const MAKE = 0x010f;
const MODEL = 0x0110;
const EXIF_DIRECTORY = 0x8769;
const GPS_DIRECTORY = 0x8825;
const EXPOSURE_TIME = 0x829a;
const F_NUMBER = 0x829d;
const ISO_SPEED = 0x8827;
const DATE_TIME_ORIGINAL = 0x9003;
const OFFSET_TIME_ORIGINAL = 0x9011;
const FLASH = 0x9209;
const FOCAL_LENGTH = 0x920a;
const LENS_MODEL = 0xa434;
const GPS_LATITUDE = 2;
const GPS_LONGITUDE = 4;
const GPS_ALTITUDE = 6;

/** Long enough for any name of a lens. */
const TEXT_CHARS_MAX = 100;

/**
 * Reads EXIF, where it makes sense: what does not is null, and never an error, because the picture is good without.
 *
 * @param keepGps Without it a place is not even read.
 */
export function readExif(exif: Uint8Array | undefined, keepGps: boolean): ExifFacts {
  const tiff = exif && readTiff(exif);
  if (!tiff) return NOTHING;
  const main = tiff.first();
  const details = tiff.at(main.number(EXIF_DIRECTORY));
  return {
    camera: toCamera(main, details),
    capturedAt: toTime(details.text(DATE_TIME_ORIGINAL), details.text(OFFSET_TIME_ORIGINAL)),
    gps: keepGps ? toGps(tiff.at(main.number(GPS_DIRECTORY))) : null,
  };
}

function toCamera(main: TiffDirectory, details: TiffDirectory): CameraFacts | null {
  const flash = details.number(FLASH);
  const camera: CameraFacts = {
    make: plain(main.text(MAKE)),
    model: plain(main.text(MODEL)),
    lens: plain(details.text(LENS_MODEL)),
    exposureSeconds: positive(details.number(EXPOSURE_TIME)),
    aperture: positive(details.number(F_NUMBER)),
    iso: positive(details.number(ISO_SPEED)),
    focalLengthMm: positive(details.number(FOCAL_LENGTH)),
    // The lowest bit says whether it fired.
    flash: flash === null ? null : flash % 2 === 1,
  };
  return Object.values(camera).every((each) => each === null) ? null : camera;
}

/** EXIF has colons in its dates, and zeros or blanks where the camera had no clock. */
function toTime(text: string | null, offset: string | null): string | null {
  const found = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(text ?? '');
  if (!found) return null;
  const [, year, month, day, time] = found;
  const local = `${year}-${month}-${day}T${time}`;
  const zone = offset !== null && /^[+-]\d\d:\d\d$/.test(offset) ? offset : '';
  const at = Date.parse(`${local}Z`);
  // The thirty-first of February is moved into March.
  const real = Number.isFinite(at) && new Date(at).toISOString().startsWith(local);
  return real ? `${local}${zone}` : null;
}

function toGps(directory: TiffDirectory): GpsFacts | null {
  const latitude = degrees(directory, GPS_LATITUDE, 'S', 90);
  const longitude = degrees(directory, GPS_LONGITUDE, 'W', 180);
  if (latitude === null || longitude === null) return null;
  const metres = directory.number(GPS_ALTITUDE);
  // 1 says below the sea.
  const below = directory.number(GPS_ALTITUDE - 1) === 1;
  const altitude = metres === null ? null : rounded(below ? -metres : metres);
  return { latitude, longitude, altitudeMetres: altitude };
}

/** Degrees, minutes and seconds in one tag, the hemisphere in the one before. */
function degrees(
  directory: TiffDirectory,
  tag: number,
  negative: string,
  most: number,
): number | null {
  const [whole, minutes = 0, seconds = 0] = directory.numbers(tag);
  if (whole === undefined) return null;
  const value = whole + minutes / 60 + seconds / 3600;
  if (!(value >= 0 && value <= most)) return null;
  return rounded(directory.text(tag - 1) === negative ? -value : value);
}

/** A millionth of a degree is a tenth of a metre. */
function rounded(value: number): number {
  return Number(value.toFixed(6));
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? rounded(value) : null;
}

function plain(text: string | null): string | null {
  const clean = (text ?? '')
    .replace(/\p{C}+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  return clean === '' ? null : clean.slice(0, TEXT_CHARS_MAX);
}
