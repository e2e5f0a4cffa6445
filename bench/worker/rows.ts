import { median, table } from '../report.ts';
import type { Run } from './run-trial.ts';
import type { ArmName } from './trial.ts';

/** All runs of one arm in one scenario. */
export interface Row {
  readonly arm: ArmName;
  readonly scenario: string;
  readonly slots: number;
  readonly runs: number;
  /** Messages a second: median, least, most. */
  readonly throughput: number;
  readonly throughputRange: readonly [number, number];
  /** Of the slots' time, how much was spent on tasks alone, the stub calls not counted. */
  readonly efficiency: number;
  readonly sqsCallsPerMessage: number;
  readonly heldPeak: number;
  readonly limitPeak: number | null;
  readonly holdP99Ms: number;
  readonly waitP99Ms: number;
  readonly cpuMicrosPerMessage: number;
  readonly rssMb: number;
  /** Of the emulator's one thread. */
  readonly emulatorBusy: number;
}

export function toRow(runs: readonly [Run, ...Run[]]): Row {
  const [{ arm, scenario, slots, meanTaskMs }] = runs;
  const of = (digits: number, value: (run: Run) => number): number =>
    round(median(runs.map(value)), digits);
  const rates = runs.map(({ messages, seconds }) => messages / seconds);
  const throughput = median(rates);
  const limits = runs.flatMap(({ limitPeak }) => (limitPeak === null ? [] : [limitPeak]));
  return {
    arm,
    scenario,
    slots,
    runs: runs.length,
    throughput: round(throughput, 1),
    throughputRange: [round(Math.min(...rates), 1), round(Math.max(...rates), 1)],
    efficiency: round((throughput * meanTaskMs) / 1000 / slots, 3),
    sqsCallsPerMessage: of(
      3,
      (run) => (run.receives + run.deletes + run.otherCalls) / run.messages,
    ),
    heldPeak: Math.max(...runs.map(({ heldPeak }) => heldPeak)),
    limitPeak: limits.length > 0 ? Math.max(...limits) : null,
    holdP99Ms: of(0, ({ holdP99Ms }) => holdP99Ms),
    waitP99Ms: of(0, ({ waitP99Ms }) => waitP99Ms),
    cpuMicrosPerMessage: of(0, ({ cpuMicros, messages }) => cpuMicros / messages),
    rssMb: of(0, ({ rssBytes }) => rssBytes / 1e6),
    emulatorBusy: of(2, ({ emulatorBusy }) => emulatorBusy),
  };
}

/** One table a scenario, with bars for what a slot's time was spent on. */
export function rowTables(rows: readonly Row[]): string {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  return scenarios
    .map((scenario) => {
      const own = rows.filter((row) => row.scenario === scenario);
      return `${scenario}\n\n${rowTable(own)}\n`;
    })
    .join('\n');
}

function rowTable(rows: readonly Row[]): string {
  const headings = ['arm', 'msg/s', 'range', 'eff.', 'calls/msg', 'held', 'hold p99', 'wait p99'];
  return table(
    [...headings, 'CPU µs', 'RSS MB', 'emulator', 'busy slots'],
    rows.map((row) => [
      row.arm,
      row.throughput.toFixed(0),
      row.throughputRange.map((rate) => rate.toFixed(0)).join('–'),
      row.efficiency.toFixed(3),
      row.sqsCallsPerMessage.toFixed(3),
      String(row.heldPeak) + (row.limitPeak === null ? '' : ` ≤ ${row.limitPeak}`),
      `${row.holdP99Ms}`,
      `${row.waitP99Ms}`,
      `${row.cpuMicrosPerMessage}`,
      `${row.rssMb}`,
      `${Math.round(row.emulatorBusy * 100)} %`,
      '█'.repeat(Math.round(row.efficiency * 20)).padEnd(20, '·'),
    ]),
  );
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
