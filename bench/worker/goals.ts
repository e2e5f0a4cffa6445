import type { Goal } from '../report.ts';
import { isOwn, type Row, round } from './rows.ts';
import type { Kind } from './run-trial.ts';

const EFFICIENCY_MIN = 0.95;
const OVER_SQS_CONSUMER = 1.35;
const OVER_SQUISS = 1.25;
const CALLS_PER_MESSAGE_MAX = 0.21;
/** Ten in a call, and one call each half visibility of three: six, and one for where they do not meet. */
const RENEWALS_PER_MESSAGE_MAX = 0.7;
const SOAK_MESSAGES_MIN = 100_000;
/** What is left of a process's growing up once it is warm. */
const RSS_GROWTH_MAX = 1.1;

/** The goals that these rows can speak of. */
export function goalsOf(rows: readonly Row[]): readonly Goal[] {
  return [
    ...[64, 256].flatMap((slots) =>
      saturatedGoals(rows.filter((row) => row.kind === 'saturated' && row.slots === slots)),
    ),
    ...sparseGoals(rows),
    ...ownGoals(rows, 'slow', (own) => [
      most(`came again, ${own.scenario}`, own.redelivered, 0),
      flat(own.scenario, own.rssMb[0], own.rssMb[2]),
    ]),
    ...ownGoals(rows, 'long jobs', (own) => [
      most('works begun per long job', own.startsPerMessage, 1),
      most('renewals per long job', own.visibilityCallsPerMessage, RENEWALS_PER_MESSAGE_MAX),
    ]),
    ...ownGoals(rows, 'churn', (own) => [
      most('open receives after restarts', own.openReceivesPeak, 1),
    ]),
    ...ownGoals(rows, 'soak', (own) => [
      {
        name: `messages, ${own.scenario}`,
        goal: `>= ${SOAK_MESSAGES_MIN}`,
        got: own.messages,
        met: own.messages >= SOAK_MESSAGES_MIN,
      },
      flat(`${own.scenario}, second half`, ...halves(own)),
    ]),
    ...rows.filter((row) => isOwn(row) && row.kind !== 'churn').map(heldGoal),
  ];
}

function saturatedGoals(rows: readonly Row[]): readonly Goal[] {
  const own = rows.find(isOwn);
  if (own === undefined) return [];
  const { slots, efficiency, throughput, sqsCallsPerMessage } = own;
  const over = (peer: string, least: number): Goal => {
    const rates = rows.filter(({ arm }) => arm.startsWith(peer)).map((row) => row.throughput);
    const ratio = throughput / Math.max(...rates);
    return {
      name: `throughput over the best ${peer} arm, C = ${slots}`,
      goal: `>= ${least}`,
      got: round(ratio, 2),
      met: ratio >= least,
    };
  };
  return [
    {
      name: `efficiency, C = ${slots}`,
      goal: `>= ${EFFICIENCY_MIN}`,
      got: efficiency,
      met: efficiency >= EFFICIENCY_MIN,
    },
    ...(slots === 64
      ? [over('sqs-consumer', OVER_SQS_CONSUMER), over('squiss-ts', OVER_SQUISS)]
      : []),
    most(`SQS calls per message, C = ${slots}`, sqsCallsPerMessage, CALLS_PER_MESSAGE_MAX),
  ];
}

function sparseGoals(rows: readonly Row[]): readonly Goal[] {
  const squiss = rows.find(({ kind, arm }) => kind === 'sparse' && arm === 'squiss-ts, one');
  if (squiss === undefined) return [];
  return ownGoals(rows, 'sparse', ({ sqsCallsPerMessage: got }) => [
    {
      name: 'SQS calls per message, sparse',
      goal: `<= ${squiss.sqsCallsPerMessage}, squiss-ts`,
      got,
      met: got <= squiss.sqsCallsPerMessage,
    },
  ]);
}

function ownGoals(
  rows: readonly Row[],
  kind: Kind,
  goals: (own: Row) => readonly Goal[],
): readonly Goal[] {
  return rows.filter((row) => isOwn(row) && row.kind === kind).flatMap(goals);
}

function heldGoal({ scenario, heldPeak, limitPeak, slots }: Row): Goal {
  const bound = Math.min(limitPeak ?? 0, 2 * slots);
  return {
    name: `held, ${scenario}`,
    goal: `<= C + P, at most ${bound}`,
    got: heldPeak,
    met: heldPeak <= bound,
  };
}

const most = (name: string, got: number, bound: number): Goal => ({
  name,
  goal: `<= ${bound}`,
  got,
  met: got <= bound,
});

const halves = ({ rssMb: [, half, end] }: Row): [number, number] => [half, end];

function flat(scenario: string, beforeMb: number, afterMb: number): Goal {
  return most(`RSS grown, ${scenario}`, round(afterMb / beforeMb, 3), RSS_GROWTH_MAX);
}
