import { median } from '../report.ts';
import type { Kind, Run } from './run-trial.ts';
import type { ArmName } from './trial.ts';

/** All runs of one arm in one scenario: medians, unless said otherwise. */
export interface Row {
  readonly arm: ArmName;
  readonly kind: Kind;
  readonly scenario: string;
  readonly slots: number;
  readonly runs: number;
  readonly messages: number;
  /** Messages a second. */
  readonly throughput: number;
  /** The least and the most. */
  readonly throughputRange: readonly [number, number];
  /** Of the slots' time, how much was spent on tasks alone, the stub calls not counted. */
  readonly efficiency: number;
  readonly sqsCallsPerMessage: number;
  readonly visibilityCallsPerMessage: number;
  /** Works begun for each message that was sent, where all of them were waited for. */
  readonly startsPerMessage: number;
  readonly redelivered: number;
  readonly receivesPerSecond: number;
  /** The most. */
  readonly openReceivesPeak: number;
  /** The most. */
  readonly heldPeak: number;
  readonly limitPeak: number | null;
  readonly holdP99Ms: number;
  readonly waitP99Ms: number;
  readonly cpuMicrosPerMessage: number;
  /** At the beginning of the measurement, half-way and at its end. */
  readonly rssMb: readonly [number, number, number];
  /** Of the emulator's one thread. */
  readonly emulatorBusy: number;
}

export function toRow(runs: readonly [Run, ...Run[]]): Row {
  const [{ arm, kind, scenario, slots, meanTaskMs }] = runs;
  const of = (digits: number, value: (run: Run) => number): number =>
    round(median(runs.map(value)), digits);
  const rates = runs.map(({ messages, seconds }) => messages / seconds);
  const throughput = median(rates);
  const limits = runs.flatMap(({ limitPeak }) => (limitPeak === null ? [] : [limitPeak]));
  const rss = (share: number): number =>
    of(0, ({ rssSeries }) => (rssSeries[Math.round((rssSeries.length - 1) * share)] ?? 0) / 1e6);
  return {
    arm,
    kind,
    scenario,
    slots,
    runs: runs.length,
    messages: of(0, ({ messages }) => messages),
    throughput: round(throughput, 1),
    throughputRange: [round(Math.min(...rates), 1), round(Math.max(...rates), 1)],
    efficiency: round((throughput * meanTaskMs) / 1000 / slots, 3),
    sqsCallsPerMessage: of(3, (run) =>
      per(run.receives + run.deletes + run.visibilityCalls + run.otherCalls, run.messages),
    ),
    visibilityCallsPerMessage: of(3, (run) => per(run.visibilityCalls, run.messages)),
    startsPerMessage: of(2, (run) => per(run.starts, run.sent)),
    redelivered: of(0, ({ redelivered }) => redelivered),
    receivesPerSecond: of(1, ({ receives, seconds }) => receives / seconds),
    openReceivesPeak: Math.max(...runs.map(({ openReceivesPeak }) => openReceivesPeak)),
    heldPeak: Math.max(...runs.map(({ heldPeak }) => heldPeak)),
    limitPeak: limits.length > 0 ? Math.max(...limits) : null,
    holdP99Ms: of(0, ({ holdP99Ms }) => holdP99Ms),
    waitP99Ms: of(0, ({ waitP99Ms }) => waitP99Ms),
    cpuMicrosPerMessage: of(0, (run) => per(run.cpuMicros, run.messages)),
    rssMb: [rss(0), rss(0.5), rss(1)],
    emulatorBusy: of(2, ({ emulatorBusy }) => emulatorBusy),
  };
}

/** Nothing for nobody is nothing. */
const per = (amount: number, messages: number): number => (messages === 0 ? 0 : amount / messages);

export const isOwn = ({ arm }: Row): boolean => arm === 'streamforge';

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
