import { LIMITS } from '#config/limits.ts';

export const REGION = 'us-east-1';

/** Every way to work a queue that is compared. */
export const ARMS = [
  'sqs-consumer, one, batches of 10',
  'sqs-consumer, C/10, batches of 10',
  'streamforge',
  'sqs-consumer, C, batches of 1',
  'squiss-ts, one',
  'squiss-ts, several',
  'naive: sqs-consumer to mergeMap',
] as const;

export type ArmName = (typeof ARMS)[number];

/** How long a poll of an empty queue waits, and how long a received message stays hidden. */
export interface QueueTimes {
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
}

/** Those of `npm run worker`. */
export const WORKER_TIMES: QueueTimes = {
  waitSeconds: LIMITS.queueWaitSeconds,
  visibilitySeconds: LIMITS.queueVisibilitySeconds,
};

/** One arm, once. */
export interface Trial {
  readonly arm: ArmName;
  readonly slots: number;
  readonly endpoint: string;
  readonly queueUrl: string;
  /** Added to every call, half before and half after. */
  readonly roundTripMs: number;
  /** Every task takes so long; absent, they are the mix. */
  readonly taskMs?: number;
  /** Those of the worker unless told. */
  readonly times?: QueueTimes;
  /** The arm is stopped and started so often at the beginning. */
  readonly restarts?: number;
  /** Before the measurement: code gets warm, rates get known. */
  readonly warmMs: number;
  /** How long it is measured; or how many messages, all of them from the first on, `withinMs` at most. */
  readonly until:
    | { readonly measureMs: number }
    | { readonly deleted: number; readonly withinMs: number };
}

/** What a trial came to. */
export interface Sample {
  readonly messages: number;
  readonly seconds: number;
  /** Works begun, those on a message that came again included. */
  readonly starts: number;
  /** Messages that were received again, because nobody had kept them hidden. */
  readonly redelivered: number;
  readonly receives: number;
  readonly deletes: number;
  readonly visibilityCalls: number;
  readonly otherCalls: number;
  /** Most receives at once that were open. */
  readonly openReceivesPeak: number;
  /** Most messages at once that were received and not finished. */
  readonly heldPeak: number;
  /** The most that could be, where the arm has such a bound: C + P. */
  readonly limitPeak: number | null;
  /** From a message's receipt to the start of its work. */
  readonly holdP99Ms: number;
  /** From its arrival in the queue to the start of its work. */
  readonly waitP99Ms: number;
  readonly cpuMicros: number;
  /** At the beginning, every second, and at the end. */
  readonly rssSeries: readonly number[];
}
