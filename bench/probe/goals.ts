import type { Goal } from '../report.ts';
import { type ArmName, OWN } from './arms.ts';
import { type Row, round } from './rows.ts';

const MEBIBYTE = 1024 ** 2;
const OVER_INDEX_BYTES_MAX = 4 * MEBIBYTE;
const MP4_REQUESTS_MAX = 12;
const FILE_BYTES_MAX = 16 * MEBIBYTE;
const OVER_DOWNLOAD = 3;
const OVER_URL = 1.5;
/** What is left of a process's growing up once it is warm. */
const RSS_GROWTH_MAX = 1.1;

/** In use while this arm read file after file: when half of them were done, and at the end. */
export interface Soak {
  readonly files: number;
  readonly rssMb: readonly [half: number, end: number];
}

/** What these rows and this soak can speak of. */
export function goalsOf(rows: readonly Row[], soak: Soak): readonly Goal[] {
  const own = rows.filter(({ arm }) => arm === OWN);
  const mp4s = own.filter(({ indexBytes }) => indexBytes !== null);
  const beyond = mp4s.map(({ bytes, indexBytes }) => bytes - (indexBytes ?? 0));
  const total = (arm: ArmName, value: (row: Row) => number): number =>
    rows.filter((row) => row.arm === arm).reduce((sum, row) => sum + value(row), 0);
  const faster = (arm: ArmName, least: number): Goal => {
    const ratio = total(arm, ({ ms }) => ms) / total(OWN, ({ ms }) => ms);
    return {
      name: `throughput over ${arm}, the whole set`,
      goal: `>= ${least}`,
      got: round(ratio, 2),
      met: ratio >= least,
    };
  };
  return [
    most(
      'MiB beyond the index, any MP4',
      Math.max(...beyond) / MEBIBYTE,
      OVER_INDEX_BYTES_MAX / MEBIBYTE,
    ),
    most('requests, any MP4', Math.max(...mp4s.map(({ requests }) => requests)), MP4_REQUESTS_MAX),
    most(
      'MiB read, any file',
      Math.max(...own.map(({ bytes }) => bytes)) / MEBIBYTE,
      FILE_BYTES_MAX / MEBIBYTE,
    ),
    most(
      'CPU beside download + ffprobe, the whole set',
      total(OWN, ({ cpuMs }) => cpuMs) / total('download + ffprobe', ({ cpuMs }) => cpuMs),
      1,
    ),
    faster('download + ffprobe', OVER_DOWNLOAD),
    faster('ffprobe on a URL', OVER_URL),
    most(
      `RSS grown, second half of ${soak.files} files`,
      soak.rssMb[1] / soak.rssMb[0],
      RSS_GROWTH_MAX,
    ),
    most('files that were not read', own.filter(({ error }) => error !== null).length, 0),
  ];
}

function most(name: string, got: number, bound: number): Goal {
  return { name, goal: `<= ${bound}`, got: round(got, 2), met: got <= bound };
}
