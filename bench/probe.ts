/*
 * `npm run bench:probe [-- --json] [--quick] [--rounds N]`: reading media as a worker does beside three ways people do it,
 * the same files in the same emulated S3. docs/benchmarks.md says what the figures mean.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { path as bundledFfprobe } from 'ffprobe-static';
import { isOnPath } from '../tools/is-on-path.ts';
import { ARMS } from './probe/arms.ts';
import { isPinned } from './probe/child.ts';
import { goalsOf, type Soak } from './probe/goals.ts';
import { type Look, MEGABYTE, type Row, round, toRow } from './probe/rows.ts';
import { type BenchSize, runBench } from './probe/run-bench.ts';
import { goalLines, machine, type Report, table } from './report.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
    },
  });
  const { json, quick } = values;
  const ffprobePath = isOnPath('ffprobe') ? 'ffprobe' : bundledFfprobe;
  const size: BenchSize = {
    withLarge: !quick,
    rounds: Number(values.rounds ?? (quick ? 2 : 3)),
    times: quick ? 2 : 5,
    soakFiles: quick ? 160 : 1000,
    // A quick run is one of a minute, also on a machine that is busy.
    roundsUntilMs: quick ? 22_000 : Number.POSITIVE_INFINITY,
    soakUntilMs: quick ? 50_000 : Number.POSITIVE_INFINITY,
    ffprobePath,
    progress: (text) => void process.stderr.write(`${text}\n`),
  };
  const { looks, soak } = await runBench(size);
  const rows = rowsOf(looks);
  const where = `${machine()}, ${version(ffprobePath)}${isPinned ? '' : ', arms not kept to one core'}`;
  const report: Report<Row> & { readonly soak: Soak } = {
    bench: 'probe',
    machine: where,
    rows,
    soak,
    goals: goalsOf(rows, soak),
  };
  if (json) console.log(JSON.stringify(report));
  else console.log(`${where}\n\n${tables(rows)}\n\n${goalLines(report.goals)}`);
}

function version(ffprobePath: string): string {
  const [line = ''] = execFileSync(ffprobePath, ['-version'], { encoding: 'utf8' }).split('\n');
  return line.split(' ').slice(0, 3).join(' ');
}

/** One row for each arm on each file, the files in their order. */
function rowsOf(looks: readonly Look[]): readonly Row[] {
  const grouped = Map.groupBy(looks, ({ file, arm }) => `${file.name} ${arm}`);
  return [...grouped.values()]
    .flatMap(([first, ...rest]) => (first ? [toRow([first, ...rest])] : []))
    .toSorted((one, other) =>
      one.file === other.file ? ARMS.indexOf(one.arm) - ARMS.indexOf(other.arm) : 0,
    );
}

function tables(rows: readonly Row[]): string {
  const headings = ['', 'ms', 'files/s·core', 'CPU ms', 'requests', 'MB read', 'RSS MB', 'seconds'];
  const files = [...new Set(rows.map(({ file }) => file))];
  return files
    .map((file) => {
      const cells = rows
        .filter((row) => row.file === file)
        .map((row) => [
          row.arm,
          String(row.ms),
          String(row.filesPerSecondPerCore),
          String(row.cpuMs),
          String(round(row.requests, 1)),
          (row.bytes / MEGABYTE).toFixed(2),
          String(row.peakRssMb),
          row.error ? 'failed' : String(round(row.durationSeconds ?? 0, 2) || '-'),
        ]);
      const [{ fileBytes = 0 } = {}] = rows.filter((row) => row.file === file);
      return `${file}, ${(fileBytes / MEGABYTE).toFixed(1)} MB\n${table(headings, cells)}`;
    })
    .join('\n\n');
}

await main();
