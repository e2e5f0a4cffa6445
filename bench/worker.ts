/*
 * `npm run bench:worker [-- --json] [--quick | --soak [--messages N] | --repeats N]`: this worker's streams beside the ways
 * people work an SQS queue with, on one emulator in its own process. docs/benchmarks.md says what the figures mean.
 */
import { parseArgs } from 'node:util';
import { runMain } from '#main/run-main.ts';
import { goalLines, machine, type Report } from './report.ts';
import { EmulatorProcess } from './worker/emulator-process.ts';
import { goalsOf } from './worker/goals.ts';
import {
  CHURN_ARMS,
  churnTrial,
  countedSoakTrial,
  longJobsTrial,
  longTasksTrial,
  saturatedTrial,
  slowTrial,
  soakTrial,
  sparseTrial,
} from './worker/plans.ts';
import { Progress } from './worker/progress.ts';
import { rowTables } from './worker/row-tables.ts';
import { type Row, toRow } from './worker/rows.ts';
import type { Run, TrialPlan } from './worker/run-trial.ts';
import { ARMS, type ArmName } from './worker/trial.ts';

const SLOTS = [16, 64, 256];
const SOAK_SLOTS = 64;
const SOAK_SECONDS = 600;
/** As fast as they go: where the most messages are in hand. */
const COUNTED_SOAK_SLOTS = 256;
/** All of a quick run, from the start of the process; each trial's warming, and its start and end on a busy machine. */
const QUICK_MS = 54_000;
const QUICK_WARM_MS = 2000;
const QUICK_START_MS = 2000;

/** One repeat at C = 64, shorter where the machine is slow; what is sparse needs no processor and runs beside it. */
async function quick(emulator: EmulatorProcess): Promise<readonly Run[]> {
  const sparse: ArmName[] = ['streamforge', 'squiss-ts, one'];
  const progress = new Progress(emulator, ARMS.length + sparse.length);
  const beside = progress.beside(sparse.map((arm) => sparseTrial(arm, 100)));
  const runs: Run[] = [];
  for (const [at, arm] of ARMS.entries()) {
    const shareMs = (QUICK_MS - performance.now()) / (ARMS.length - at);
    const measureMs = Math.min(3000, Math.max(1000, shareMs - QUICK_WARM_MS - QUICK_START_MS));
    runs.push(await progress.run(saturatedTrial(arm, 64, { warmMs: QUICK_WARM_MS, measureMs })));
  }
  return [...runs, ...(await beside)];
}

/** Every arm once a repeat, so that whatever else the machine does hits all of them. */
async function full(emulator: EmulatorProcess, repeats: number): Promise<readonly Run[]> {
  const saturated = SLOTS.flatMap((slots) =>
    ARMS.map((arm) => saturatedTrial(arm, slots, { warmMs: 2000, measureMs: 6000 })),
  );
  /** In turn; and what sleeps all the time all at once. */
  const alone: readonly TrialPlan[] = [...saturated, ...ARMS.map(longTasksTrial)];
  const beside: readonly (readonly TrialPlan[])[] = [
    ARMS.map((arm) => sparseTrial(arm, 200)),
    ARMS.map(slowTrial),
    ARMS.map(longJobsTrial),
    CHURN_ARMS.map(churnTrial),
  ];
  const progress = new Progress(emulator, repeats * (alone.length + beside.flat().length));
  const runs: Run[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const plan of alone) runs.push(await progress.run(plan));
    for (const plans of beside) runs.push(...(await progress.beside(plans)));
  }
  return runs;
}

/** This worker alone: does its memory stay where it is? */
async function soak(emulator: EmulatorProcess, messages: number | null): Promise<readonly Run[]> {
  const plan =
    messages === null
      ? soakTrial(SOAK_SLOTS, SOAK_SECONDS)
      : countedSoakTrial(COUNTED_SOAK_SLOTS, messages);
  return [await new Progress(emulator, 1).run(plan)];
}

/** One row for each arm in each scenario, the arms in their order. */
function rowsOf(runs: readonly Run[]): readonly Row[] {
  const grouped = Map.groupBy(runs, ({ scenario, arm }) => `${scenario} ${arm}`);
  return [...grouped.values()]
    .flatMap(([first, ...rest]) => (first ? [toRow([first, ...rest])] : []))
    .toSorted((one, other) => ARMS.indexOf(one.arm) - ARMS.indexOf(other.arm));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      messages: { type: 'string' },
      repeats: { type: 'string', default: '3' },
    },
  });
  const { json, messages } = values;
  const emulator = await EmulatorProcess.start();
  const run = () => {
    if (values.soak) return soak(emulator, messages === undefined ? null : Number(messages));
    return values.quick ? quick(emulator) : full(emulator, Number(values.repeats));
  };
  try {
    const rows = rowsOf(await run());
    const report: Report<Row> = { bench: 'worker', machine: machine(), rows, goals: goalsOf(rows) };
    if (json) console.log(JSON.stringify(report));
    else console.log(`${report.machine}\n\n${rowTables(rows)}\n${goalLines(report.goals)}`);
  } finally {
    emulator.stop();
  }
}

await runMain(main);
