import { availableParallelism, cpus, loadavg } from 'node:os';

/** What a benchmark set out to show, and what came out. */
export interface Goal {
  readonly name: string;
  readonly goal: string;
  readonly got: number | string;
  readonly met: boolean;
}

/** What a benchmark says at its end. */
export interface Report<Row> {
  readonly bench: string;
  readonly machine: string;
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

/** Where it was measured, and how busy it was there. */
export function machine(): string {
  const load = loadavg()[0]?.toFixed(1);
  return `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${load}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Rows under their headings, numbers to the right. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join(
    '\n',
  );
}

export function goalLines(goals: readonly Goal[]): string {
  return table(
    ['goal', 'wanted', 'got', ''],
    goals.map(({ name, goal, got, met }) => [name, goal, String(got), met ? 'met' : 'MISSED']),
  );
}
