import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchQueue, EmulatorProcess } from './emulator-process.ts';
import { MEAN_TASK_MS, randomFrom } from './task-mix.ts';
import type { Sample, Trial } from './trial.ts';

/** A sample, and how busy the emulator's one thread was meanwhile: near 1, it is the emulator that is measured. */
export interface Run extends Sample {
  readonly arm: Trial['arm'];
  readonly kind: Kind;
  readonly scenario: string;
  readonly slots: number;
  readonly meanTaskMs: number;
  /** Messages that were sent before or while it ran. */
  readonly sent: number;
  readonly emulatorBusy: number;
}

/** What a scenario asks. */
export type Kind = 'saturated' | 'sparse' | 'long tasks' | 'slow' | 'long jobs' | 'churn' | 'soak';

/** What comes into the queue: all of it beforehand, or one by one as chance has it, the same for every arm. */
export type Traffic =
  | { readonly kind: 'backlog'; readonly count: number }
  | { readonly kind: 'sparse'; readonly count: number; readonly perSecond: number }
  | { readonly kind: 'steady'; readonly seconds: number; readonly perSecond: number };

export interface TrialPlan extends Omit<Trial, 'endpoint' | 'queueUrl'> {
  readonly kind: Kind;
  readonly scenario: string;
  readonly traffic: Traffic;
}

const ARRIVALS_SEED = 7;
let queues = 0;

/** Runs one trial in a process of its own, on a queue of its own. */
export async function runTrial(emulator: EmulatorProcess, plan: TrialPlan): Promise<Run> {
  const { kind, scenario, traffic, ...trial } = plan;
  queues += 1;
  const child = fork(new URL('./run-arm.ts', import.meta.url));
  const ended = once(child, 'exit');
  const ready = once(child, 'message');
  const queue = await emulator.queue(`bench-${queues}`);
  try {
    if (traffic.kind === 'backlog') await queue.fill(0, traffic.count);
    await Promise.race([ready, ended]);
    const cpuBefore = await emulator.cpuMicros();
    const since = performance.now();
    child.send({ ...trial, endpoint: emulator.endpoint, queueUrl: queue.url } satisfies Trial);
    const told = once(child, 'message').then(([sample]) => sample as Sample);
    const died = ended.then(([code]) => Promise.reject(new Error(`${plan.arm} ended: ${code}`)));
    const [sample] = await Promise.race([Promise.all([told, feed(queue, traffic)]), died]);
    const elapsedMicros = (performance.now() - since) * 1000;
    const emulatorBusy = ((await emulator.cpuMicros()) - cpuBefore) / elapsedMicros;
    const { arm, slots, taskMs: meanTaskMs = MEAN_TASK_MS } = plan;
    const sent = traffic.kind === 'steady' ? traffic.seconds * traffic.perSecond : traffic.count;
    return { ...sample, arm, kind, scenario, slots, meanTaskMs, sent, emulatorBusy };
  } finally {
    child.kill('SIGKILL');
    await ended;
    await queue.drop();
  }
}

/** What comes in while the arm runs. */
async function feed(queue: BenchQueue, traffic: Traffic): Promise<void> {
  if (traffic.kind === 'sparse') await trickle(queue, traffic);
  if (traffic.kind !== 'steady') return;
  for (let second = 0; second < traffic.seconds; second += 1) {
    await Promise.all([sleep(1000), queue.fill(second * traffic.perSecond, traffic.perSecond)]);
  }
}

/** Poisson arrivals. */
async function trickle(
  queue: BenchQueue,
  { count, perSecond }: Extract<Traffic, { kind: 'sparse' }>,
): Promise<void> {
  const random = randomFrom(ARRIVALS_SEED);
  const start = performance.now();
  let dueMs = 0;
  for (let n = 0; n < count; n += 1) {
    dueMs += (-Math.log(1 - random()) / perSecond) * 1000;
    await sleep(Math.max(0, start + dueMs - performance.now()));
    await queue.fill(n, 1);
  }
}
