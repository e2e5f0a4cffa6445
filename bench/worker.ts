/*
 * `npm run bench:worker [-- --json] [--quick | --soak | --repeats N]`: this worker's streams beside the ways people work an SQS queue with,
 * on one emulator in its own process. docs/benchmarks.md says what the figures mean.
 */
import { parseArgs } from 'node:util';
import { type Goal, goalLines, machine, median, type Report } from './report.ts';
import { EmulatorProcess } from './worker/emulator-process.ts';
import { goalsOf, SPARSE, saturated } from './worker/goals.ts';
import { type Row, round, rowTables, toRow } from './worker/rows.ts';
import { type Run, runTrial, type TrialPlan } from './worker/run-trial.ts';
import { MEAN_TASK_MS } from './worker/task-mix.ts';
import { ARMS, type ArmName } from './worker/trial.ts';

const ROUND_TRIP_MS = 20;
const LONG_TASK_MS = 2000;
const SOAK_SECONDS = 600;
/** All of a quick run, from the start of the process; each trial's warming, and its start and end on a busy machine. */
const QUICK_MS = 54_000;
const QUICK_WARM_MS = 2000;
const QUICK_START_MS = 2000;

const plan = (rest: Omit<TrialPlan, 'roundTripMs'>): TrialPlan => ({
  roundTripMs: ROUND_TRIP_MS,
  ...rest,
});

/** More in the queue than anybody can finish in the time. */
function saturatedTrial(arm: ArmName, slots: number, warmMs: number, measureMs: number): TrialPlan {
  const slackMs = 2000;
  const count = Math.ceil((slots * (warmMs + measureMs + slackMs)) / MEAN_TASK_MS);
  return plan({
    arm,
    slots,
    warmMs,
    scenario: saturated(slots),
    until: { measureMs },
    traffic: { kind: 'backlog', count },
  });
}

/** Until the last message is deleted, so that nobody's late deletes are lost. */
function sparseTrial(arm: ArmName, count: number): TrialPlan {
  return plan({
    arm,
    slots: 64,
    warmMs: 0,
    scenario: SPARSE,
    until: { deleted: count },
    traffic: { kind: 'sparse', count, perSecond: 5 },
  });
}

/** Tasks so long that a round trip is nothing beside them. */
function longTrial(arm: ArmName): TrialPlan {
  return plan({
    arm,
    slots: 64,
    taskMs: LONG_TASK_MS,
    warmMs: 2 * LONG_TASK_MS,
    scenario: `long tasks of ${LONG_TASK_MS / 1000} s, C = 64`,
    until: { measureMs: 6 * LONG_TASK_MS },
    traffic: { kind: 'backlog', count: 1000 },
  });
}

/** One repeat at C = 64, shorter where the machine is slow; what is sparse needs no processor and runs beside it. */
async function quick(emulator: EmulatorProcess): Promise<readonly Row[]> {
  const sparse: ArmName[] = ['streamforge', 'squiss-ts, one'];
  const beside = Promise.all(sparse.map((arm) => runTrial(emulator, sparseTrial(arm, 100))));
  const rows: Row[] = [];
  for (const [at, arm] of ARMS.entries()) {
    const shareMs = (QUICK_MS - performance.now()) / (ARMS.length - at);
    const measureMs = Math.min(3000, Math.max(1000, shareMs - QUICK_WARM_MS - QUICK_START_MS));
    rows.push(toRow([await runTrial(emulator, saturatedTrial(arm, 64, QUICK_WARM_MS, measureMs))]));
  }
  return [...rows, ...(await beside).map((run) => toRow([run]))];
}

/** Every arm once a repeat, so that whatever else the machine does hits all of them. */
async function full(emulator: EmulatorProcess, repeats: number): Promise<readonly Row[]> {
  const runs = new Map<string, Run[]>();
  const note = (run: Run): void => {
    const key = `${run.scenario} ${run.arm}`;
    runs.set(key, [...(runs.get(key) ?? []), run]);
    process.stderr.write('.');
  };
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const slots of [16, 64, 256]) {
      for (const arm of ARMS)
        note(await runTrial(emulator, saturatedTrial(arm, slots, 2000, 6000)));
    }
    const beside = await Promise.all(ARMS.map((arm) => runTrial(emulator, sparseTrial(arm, 200))));
    beside.forEach(note);
    for (const arm of ARMS) note(await runTrial(emulator, longTrial(arm)));
  }
  process.stderr.write('\n');
  return [...runs.values()]
    .toSorted((one, other) => order(one) - order(other))
    .flatMap(([first, ...rest]) => (first ? [toRow([first, ...rest])] : []));
}

const order = ([first]: readonly Run[]): number => (first ? ARMS.indexOf(first.arm) : 0);

/** Ten minutes of full slots: does the memory stay where it is? */
async function soak(emulator: EmulatorProcess): Promise<Report<Row>> {
  const slots = 64;
  const perSecond = (slots * 1000) / MEAN_TASK_MS;
  const run = await runTrial(
    emulator,
    plan({
      arm: 'streamforge',
      slots,
      warmMs: 5000,
      scenario: `soak, ${SOAK_SECONDS} s, C = ${slots}`,
      until: { measureMs: SOAK_SECONDS * 1000 },
      traffic: { kind: 'steady', seconds: SOAK_SECONDS, perSecond },
    }),
  );
  const { rssSeries: series, messages } = run;
  const quarter = (n: number): number =>
    median(series.slice((series.length * n) / 4, (series.length * (n + 1)) / 4)) / 1e6;
  const growth = quarter(3) / quarter(1);
  const goals: Goal[] = [
    { name: 'messages', goal: '>= 100000', got: messages, met: messages >= 100_000 },
    {
      name: 'RSS of the last quarter over that of the second',
      goal: '<= 1.1',
      got: round(growth, 3),
      met: growth <= 1.1,
    },
  ];
  return { bench: 'worker', machine: machine(), rows: [toRow([run])], goals };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      repeats: { type: 'string', default: '3' },
    },
  });
  const emulator = await EmulatorProcess.start();
  try {
    const report = values.soak
      ? await soak(emulator)
      : asReport(await (values.quick ? quick(emulator) : full(emulator, Number(values.repeats))));
    if (values.json) console.log(JSON.stringify(report));
    else console.log(`${report.machine}\n\n${rowTables(report.rows)}\n${goalLines(report.goals)}`);
  } finally {
    emulator.stop();
  }
}

function asReport(rows: readonly Row[]): Report<Row> {
  return { bench: 'worker', machine: machine(), rows, goals: goalsOf(rows) };
}

await main();
