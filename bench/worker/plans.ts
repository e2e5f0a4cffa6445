import type { TrialPlan } from './run-trial.ts';
import { MEAN_TASK_MS } from './task-mix.ts';
import { ARMS, type ArmName, WORKER_TIMES } from './trial.ts';

const ROUND_TRIP_MS = 20;
const LONG_TASK_MS = 2000;
/** So that what lapses lapses soon. */
const SHORT_VISIBILITY_SECONDS = 8;
/** Three times that. */
const LONG_JOB_MS = 24_000;
const LONG_JOBS = 10;
const RESTARTS = 10;

/** A saturated scenario at so many slots. */
export const saturated = (slots: number): string => `saturated, C = ${slots}`;

/** More in the queue than anybody can finish in the time. */
export function saturatedTrial(
  arm: ArmName,
  slots: number,
  { warmMs, measureMs }: { readonly warmMs: number; readonly measureMs: number },
): TrialPlan {
  const slackMs = 2000;
  const count = Math.ceil((slots * (warmMs + measureMs + slackMs)) / MEAN_TASK_MS);
  return {
    arm,
    slots,
    warmMs,
    kind: 'saturated',
    scenario: saturated(slots),
    roundTripMs: ROUND_TRIP_MS,
    until: { measureMs },
    traffic: { kind: 'backlog', count },
  };
}

/** Until the last message is deleted, so that nobody's late deletes are lost. */
export function sparseTrial(arm: ArmName, count: number): TrialPlan {
  return {
    arm,
    slots: 64,
    warmMs: 0,
    kind: 'sparse',
    scenario: 'sparse, 5 messages a second, C = 64',
    roundTripMs: ROUND_TRIP_MS,
    until: { deleted: count, withinMs: 10 * 60_000 },
    traffic: { kind: 'sparse', count, perSecond: 5 },
  };
}

/** Tasks so long that a round trip is nothing beside them. */
export function longTasksTrial(arm: ArmName): TrialPlan {
  return {
    arm,
    slots: 64,
    taskMs: LONG_TASK_MS,
    warmMs: 2 * LONG_TASK_MS,
    kind: 'long tasks',
    scenario: `long tasks of ${LONG_TASK_MS / 1000} s, C = 64`,
    roundTripMs: ROUND_TRIP_MS,
    until: { measureMs: 6 * LONG_TASK_MS },
    traffic: { kind: 'backlog', count: 1000 },
  };
}

/** Eight messages a second can be done, and six minutes' worth of them wait: who takes more than that hoards it. */
export function slowTrial(arm: ArmName): TrialPlan {
  return {
    arm,
    slots: 16,
    taskMs: LONG_TASK_MS,
    times: { ...WORKER_TIMES, visibilitySeconds: SHORT_VISIBILITY_SECONDS },
    warmMs: 5000,
    kind: 'slow',
    scenario: `slow consumer, tasks of ${LONG_TASK_MS / 1000} s, visibility ${SHORT_VISIBILITY_SECONDS} s, C = 16`,
    roundTripMs: ROUND_TRIP_MS,
    until: { measureMs: 30_000 },
    traffic: { kind: 'backlog', count: 3000 },
  };
}

/** A few jobs that take three visibilities each: whoever lets one lapse does it twice. */
export function longJobsTrial(arm: ArmName): TrialPlan {
  return {
    arm,
    slots: LONG_JOBS,
    taskMs: LONG_JOB_MS,
    times: { ...WORKER_TIMES, visibilitySeconds: SHORT_VISIBILITY_SECONDS },
    warmMs: 0,
    kind: 'long jobs',
    scenario: `long jobs, ${LONG_JOB_MS / 1000} s with a visibility of ${SHORT_VISIBILITY_SECONDS} s, ${LONG_JOBS} of them`,
    roundTripMs: ROUND_TRIP_MS,
    until: { deleted: LONG_JOBS, withinMs: 1.5 * LONG_JOB_MS },
    traffic: { kind: 'backlog', count: LONG_JOBS },
  };
}

/** Arms of one loop each: what is left of it after restarts. */
export const CHURN_ARMS = ARMS.filter((arm) => arm === 'streamforge' || arm.includes(', one'));

/** Stopped and started again and again while a poll of the empty queue is open. */
export function churnTrial(arm: ArmName): TrialPlan {
  return {
    arm,
    slots: 16,
    times: { ...WORKER_TIMES, waitSeconds: 1 },
    restarts: RESTARTS,
    // Polls that were open at a stop are over by then.
    warmMs: 3000,
    kind: 'churn',
    scenario: `${RESTARTS} restarts, polls of 1 s on an empty queue, C = 16`,
    roundTripMs: ROUND_TRIP_MS,
    until: { measureMs: 5000 },
    traffic: { kind: 'backlog', count: 0 },
  };
}

/** Full slots for so long. */
export function soakTrial(slots: number, seconds: number): TrialPlan {
  const perSecond = (slots * 1000) / MEAN_TASK_MS;
  return {
    arm: 'streamforge',
    slots,
    warmMs: 5000,
    kind: 'soak',
    scenario: `soak, ${seconds} s, C = ${slots}`,
    roundTripMs: ROUND_TRIP_MS,
    until: { measureMs: seconds * 1000 },
    traffic: { kind: 'steady', seconds: seconds + 10, perSecond },
  };
}

/** So many messages, as fast as they go. */
export function countedSoakTrial(slots: number, messages: number): TrialPlan {
  const perSecond = (slots * 1000) / MEAN_TASK_MS;
  const seconds = Math.ceil(messages / perSecond);
  return {
    ...soakTrial(slots, seconds),
    warmMs: 0,
    scenario: `soak, ${messages} messages as fast as they go, C = ${slots}`,
    until: { deleted: messages, withinMs: 10 * seconds * 1000 },
    traffic: { kind: 'steady', seconds, perSecond },
  };
}
