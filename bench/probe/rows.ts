import { median } from '../report.ts';
import type { ArmName } from './arms.ts';
import type { BenchFile } from './files.ts';

/** What one look at a file took, several readings of it at once. */
export interface Look {
  readonly arm: ArmName;
  readonly file: BenchFile;
  readonly ms: readonly number[];
  /** Of one reading. */
  readonly cpuMs: number;
  readonly requests: number;
  readonly bytes: number;
  /** Of the process, and of the largest of its children. */
  readonly rssBytes: number;
  readonly durationSeconds: number | null;
  readonly error: string | null;
}

/** One arm on one file. */
export interface Row {
  readonly arm: ArmName;
  readonly file: string;
  readonly fileBytes: number;
  /** Of an MP4, what is not media. */
  readonly indexBytes: number | null;
  readonly isLarge: boolean;
  /** Of one reading, on one processor. */
  readonly ms: number;
  readonly filesPerSecondPerCore: number;
  readonly cpuMs: number;
  readonly requests: number;
  readonly bytes: number;
  readonly peakRssMb: number;
  readonly durationSeconds: number | null;
  readonly error: string | null;
}

export const MEGABYTE = 1e6;

export const round = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/** The medians of all looks of an arm at a file. */
export function toRow(looks: readonly [Look, ...Look[]]): Row {
  const [{ arm, file, durationSeconds, error }] = looks;
  const of = (value: (look: Look) => number): number => median(looks.map(value));
  const ms = median(looks.flatMap((look) => look.ms));
  return {
    arm,
    file: file.name,
    fileBytes: file.size,
    indexBytes: file.indexBytes,
    isLarge: file.isLarge,
    ms: round(ms, 1),
    filesPerSecondPerCore: round(1000 / ms, 2),
    cpuMs: round(
      of((look) => look.cpuMs),
      1,
    ),
    requests: of((look) => look.requests),
    bytes: Math.round(of((look) => look.bytes)),
    peakRssMb: Math.round(Math.max(...looks.map((look) => look.rssBytes)) / MEGABYTE),
    durationSeconds,
    error,
  };
}
