import { setTimeout as sleep } from 'node:timers/promises';
import { Meter } from './meter.ts';
import { meteredSqs } from './metered-sqs.ts';
import { streamforge } from './own.ts';
import {
  type Bench,
  naive,
  type Running,
  sqsConsumerBatches,
  sqsConsumerSingles,
  squiss,
} from './rivals.ts';
import { assetIdOf, stubCall, task } from './task-mix.ts';
import { type ArmName, type Sample, type Trial, WORKER_TIMES } from './trial.ts';

/** Slots of each where several squiss-ts share them: what is known to serve it best. */
const SQUISS_SLOTS = 32;

/** Between a start and the stop after it. */
const RESTART_MS = 100;

/** The body of a process that is forked for one trial: starts the arm, measures it, tells, and is killed. */
async function run(trial: Trial): Promise<Sample> {
  const { arm, slots, until, warmMs, taskMs, times = WORKER_TIMES, restarts = 0 } = trial;
  let limit = (): number | null => null;
  const meter = new Meter(() => limit());
  const work = async (body: string): Promise<void> => {
    const assetId = assetIdOf(body);
    meter.started(assetId);
    await stubCall();
    await stubCall();
    await task(assetId, taskMs);
    await stubCall();
    meter.finished(assetId);
  };
  const renews = (taskMs ?? 0) > times.visibilitySeconds * 1000;
  const sqs = meteredSqs(trial, meter);
  const bench: Bench = { sqs, queueUrl: trial.queueUrl, slots, times, renews, work };
  let running: Running;
  if (arm === 'streamforge') {
    const streams = streamforge(bench, meter, taskMs);
    limit = () => streams.limit();
    running = streams;
  } else running = MAKE[arm](bench);
  running.start();
  for (let restart = 0; restart < restarts; restart += 1) {
    await sleep(RESTART_MS);
    running.stop();
    running.start();
  }
  await sleep(warmMs);
  meter.begin();
  setInterval(() => meter.noteMemory(), 1000);
  if ('measureMs' in until) await sleep(until.measureMs);
  else {
    const deadline = performance.now() + until.withinMs;
    while (meter.deleted < until.deleted && performance.now() < deadline) await sleep(50);
  }
  return meter.sample();
}

const MAKE: Readonly<Record<Exclude<ArmName, 'streamforge'>, (bench: Bench) => Running>> = {
  'sqs-consumer, one, batches of 10': (bench) => sqsConsumerBatches(bench, 1),
  'sqs-consumer, C/10, batches of 10': (bench) =>
    sqsConsumerBatches(bench, Math.ceil(bench.slots / 10)),
  'sqs-consumer, C, batches of 1': sqsConsumerSingles,
  'squiss-ts, one': (bench) => squiss(bench, 1),
  'squiss-ts, several': (bench) =>
    squiss(bench, Math.max(2, Math.ceil(bench.slots / SQUISS_SLOTS))),
  'naive: sqs-consumer to mergeMap': naive,
};

process.once('message', (trial) => {
  run(trial as Trial).then(
    (sample) => process.send?.(sample),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});

// Loading takes a second or two, which is nobody's fault.
process.send?.('ready');
