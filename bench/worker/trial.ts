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
  /** Before the measurement: code gets warm, rates get known. */
  readonly warmMs: number;
  /** How long it is measured; or how many messages, all of them from the first on. */
  readonly until: { readonly measureMs: number } | { readonly deleted: number };
}

/** What a trial came to. */
export interface Sample {
  readonly messages: number;
  readonly seconds: number;
  readonly receives: number;
  readonly deletes: number;
  readonly otherCalls: number;
  /** Most messages at once that were received and not finished. */
  readonly heldPeak: number;
  /** The most that could be, where the arm has such a bound: C + P. */
  readonly limitPeak: number | null;
  /** From a message's receipt to the start of its work. */
  readonly holdP99Ms: number;
  /** From its arrival in the queue to the start of its work. */
  readonly waitP99Ms: number;
  readonly cpuMicros: number;
  /** At the end, and every five seconds from the beginning on. */
  readonly rssBytes: number;
  readonly rssSeries: readonly number[];
}
