import type { Goal } from '../report.ts';
import { type Row, round } from './rows.ts';

const EFFICIENCY_MIN = 0.95;
const OVER_SQS_CONSUMER = 1.35;
const OVER_SQUISS = 1.25;
const CALLS_PER_MESSAGE_MAX = 0.21;

export const saturated = (slots: number): string => `saturated, C = ${slots}`;
export const SPARSE = 'sparse, 5 messages a second, C = 64';

/** The goals that these rows can speak of. */
export function goalsOf(rows: readonly Row[]): readonly Goal[] {
  return [
    ...[64, 256].flatMap((slots) => saturatedGoals(slots, rows)),
    ...sparseGoals(rows),
    ...heldGoals(rows),
  ];
}

function saturatedGoals(slots: number, rows: readonly Row[]): readonly Goal[] {
  const of = rows.filter(({ scenario }) => scenario === saturated(slots));
  const own = of.find(isOwn);
  if (own === undefined) return [];
  const over = (peer: string, least: number): Goal => {
    const best = Math.max(
      ...of.filter(({ arm }) => arm.startsWith(peer)).map(({ throughput }) => throughput),
    );
    return {
      name: `throughput over the best ${peer} arm, C = ${slots}`,
      goal: `>= ${least}`,
      got: round(own.throughput / best, 2),
      met: own.throughput >= least * best,
    };
  };
  const ratios = [over('sqs-consumer', OVER_SQS_CONSUMER), over('squiss-ts', OVER_SQUISS)];
  return [
    {
      name: `efficiency, C = ${slots}`,
      goal: `>= ${EFFICIENCY_MIN}`,
      got: own.efficiency,
      met: own.efficiency >= EFFICIENCY_MIN,
    },
    ...(slots === 64 ? ratios : []),
    {
      name: `SQS calls per message, C = ${slots}`,
      goal: `<= ${CALLS_PER_MESSAGE_MAX}`,
      got: own.sqsCallsPerMessage,
      met: own.sqsCallsPerMessage <= CALLS_PER_MESSAGE_MAX,
    },
  ];
}

function sparseGoals(rows: readonly Row[]): readonly Goal[] {
  const of = rows.filter(({ scenario }) => scenario === SPARSE);
  const own = of.find(isOwn);
  const squiss = of.find(({ arm }) => arm === 'squiss-ts, one');
  if (own === undefined || squiss === undefined) return [];
  return [
    {
      name: 'SQS calls per message, sparse',
      goal: `<= ${squiss.sqsCallsPerMessage}, squiss-ts`,
      got: own.sqsCallsPerMessage,
      met: own.sqsCallsPerMessage <= squiss.sqsCallsPerMessage,
    },
  ];
}

function heldGoals(rows: readonly Row[]): readonly Goal[] {
  return rows.filter(isOwn).map(({ scenario, heldPeak, limitPeak, slots }) => {
    const most = Math.min(limitPeak ?? 0, 2 * slots);
    return {
      name: `held, ${scenario}`,
      goal: `<= C + P, at most ${most}`,
      got: heldPeak,
      met: heldPeak <= most,
    };
  });
}

const isOwn = ({ arm }: Row): boolean => arm === 'streamforge';
