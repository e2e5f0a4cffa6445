import { table } from '../report.ts';
import { isOwn, type Row } from './rows.ts';
import type { Kind } from './run-trial.ts';

const BAR_CELLS = 20;

/** Rates that differ by less are the same here. */
const SAME_WITHIN = 0.03;

interface Column {
  readonly heading: string;
  readonly cell: (row: Row) => string;
}

const column = (heading: string, cell: Column['cell']): Column => ({ heading, cell });
const bar = (share: number): string =>
  '█'.repeat(Math.round(share * BAR_CELLS)).padEnd(BAR_CELLS, '·');

const ARM = column('arm', ({ arm }) => arm);
const RATE = column('msg/s', ({ throughput }) => throughput.toFixed(0));
const RANGE = column('range', ({ throughputRange }) =>
  throughputRange.map((rate) => rate.toFixed(0)).join('–'),
);
const EFFICIENCY = column('eff.', ({ efficiency }) => efficiency.toFixed(3));
const CALLS = column('calls/msg', ({ sqsCallsPerMessage }) => sqsCallsPerMessage.toFixed(3));
const RENEWALS = column('renewals/msg', (row) => row.visibilityCallsPerMessage.toFixed(2));
const STARTS = column('begun/msg', ({ startsPerMessage }) => startsPerMessage.toFixed(2));
const AGAIN = column('came again', ({ redelivered }) => String(redelivered));
const HELD = column(
  'held',
  ({ heldPeak, limitPeak }) => `${heldPeak}${limitPeak === null ? '' : ` ≤ ${limitPeak}`}`,
);
const HOLD = column('hold p99', ({ holdP99Ms }) => `${holdP99Ms}`);
const WAIT = column('wait p99', ({ waitP99Ms }) => `${waitP99Ms}`);
const CPU = column('CPU µs', ({ cpuMicrosPerMessage }) => `${cpuMicrosPerMessage}`);
const RSS = column('RSS MB', ({ rssMb }) => `${rssMb[2]}`);
const RSS_SERIES = column('RSS MB, begin, half, end', ({ rssMb }) => rssMb.join(' → '));
const EMULATOR = column('emulator', (row) => `${Math.round(row.emulatorBusy * 100)} %`);
const BUSY = column('busy slots', ({ efficiency }) => bar(Math.min(1, efficiency)));
const OPEN = column('open receives', ({ openReceivesPeak }) => `${openReceivesPeak}`);
const RECEIVES = column('receives/s', ({ receivesPerSecond }) => receivesPerSecond.toFixed(1));
const LOOPS = column('', ({ openReceivesPeak }) => '█'.repeat(openReceivesPeak).padEnd(BAR_CELLS));

const WORK = [ARM, RATE, RANGE, EFFICIENCY, CALLS, HELD, HOLD, WAIT, CPU, RSS, EMULATOR, BUSY];

const COLUMNS: Readonly<Record<Kind, readonly Column[]>> = {
  saturated: WORK,
  sparse: [ARM, RATE, CALLS, HELD, WAIT, RSS, EMULATOR],
  'long tasks': WORK,
  slow: [ARM, RATE, CALLS, HELD, HOLD, AGAIN, RSS_SERIES],
  'long jobs': [ARM, STARTS, RENEWALS, CALLS, AGAIN],
  churn: [ARM, RECEIVES, OPEN, LOOPS],
  soak: [ARM, RATE, EFFICIENCY, CALLS, HELD, CPU, RSS_SERIES, EMULATOR],
};

/** One table a scenario, and under it who is ahead where the rate is what counts. */
export function rowTables(rows: readonly Row[]): string {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  return scenarios
    .map((scenario) => {
      const of = rows.filter((row) => row.scenario === scenario);
      return `${scenario}\n\n${rowTable(of)}\n${verdict(of)}`;
    })
    .join('\n');
}

function rowTable(rows: readonly Row[]): string {
  const columns = COLUMNS[rows[0]?.kind ?? 'saturated'];
  return table(
    columns.map(({ heading }) => heading),
    rows.map((row) => columns.map(({ cell }) => cell(row))),
  );
}

function verdict(rows: readonly Row[]): string {
  const own = rows.find(isOwn);
  const rivals = rows
    .filter((row) => !isOwn(row))
    .toSorted((one, other) => other.throughput - one.throughput);
  const [best] = rivals;
  if (!own || !best || !['saturated', 'long tasks'].includes(own.kind)) return '';
  const ratio = own.throughput / best.throughput;
  const text = `${best.arm}: ${ratio.toFixed(2)} times its rate`;
  if (ratio < 1 - SAME_WITHIN) return `\nAnother arm is faster here, ${text}.\n`;
  if (ratio > 1 + SAME_WITHIN) return `\nAhead of the best other arm, ${text}.\n`;
  const equal = rivals.filter(
    ({ throughput }) => Math.abs(throughput / own.throughput - 1) <= SAME_WITHIN,
  );
  return `\nNo difference here from ${equal.length} of ${rivals.length} other arms.\n`;
}
