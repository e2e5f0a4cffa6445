import { TICKS, type TimedUnit } from './transport-units.ts';

/** Of frames that lie equally far apart: what rounding to ticks makes of it, and how many of them have to. */
const ROUNDED_TICKS = 2;
const STEADY_STEPS_MIN = 4;

/** The distance of pictures that lie equally far apart. */
export function steadyTicks(times: readonly number[]): number | null {
  const sorted = times.toSorted((a, b) => a - b);
  const steps = sorted.slice(1).map((time, n) => time - (sorted[n] ?? 0));
  const [least, most] = [Math.min(...steps), Math.max(...steps)];
  const steady = steps.length >= STEADY_STEPS_MIN && least > 0 && most - least <= ROUNDED_TICKS;
  if (!steady) return null;
  const all = steps.reduce((sum, step) => sum + step, 0);
  const meant = ratesNear((TICKS * steps.length) / all).map((rate) => TICKS / rate);
  const fits = (ticks: number): boolean => Math.abs(ticks * steps.length - all) <= ROUNDED_TICKS;
  return meant.find(fits) ?? all / steps.length;
}

/** Rates in use are whole, or a thousandth less. */
const ratesNear = (rate: number): readonly number[] => [
  Math.round(rate),
  Math.round(rate * 1.001) / 1.001,
];

/** What begins a picture: of MPEG-1 and 2, H.264, H.265. The sequence header tells the first from the others. */
const SEQUENCE = Buffer.from([0, 0, 1, 0xb3]);
const MPEG_PICTURE = Buffer.from([0, 0, 1, 0]);
const DELIMITERS = [Buffer.from([0, 0, 1, 9]), Buffer.from([0, 0, 1, 0x46, 1])];

/** Whether every unit is one picture, so that times are those of pictures. The last unit may be cut off. */
export function isPictureEach(units: readonly TimedUnit[]): boolean {
  const payloads = units.map(({ payload }) => bufferOf(payload));
  const isMpeg = payloads.some((payload) => payload.includes(SEQUENCE));
  return (isMpeg ? [MPEG_PICTURE] : DELIMITERS).some((code) => {
    const pictures = payloads.reduce((sum, payload) => sum + countOf(payload, code), 0);
    return Math.abs(pictures - units.length) <= 1;
  });
}

/** The same memory, to be searched. */
function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function countOf(bytes: Buffer, code: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(code); at >= 0; at = bytes.indexOf(code, at + code.length)) {
    count += 1;
  }
  return count;
}
