import { setTimeout as sleep } from 'node:timers/promises';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { Meter } from './meter.ts';
import { meteredSqs } from './metered-sqs.ts';
import { streamforge } from './own.ts';
import { type Bench, naive, sqsConsumerBatches, sqsConsumerSingles, squiss } from './rivals.ts';
import { assetIdOf, stubCall, task } from './task-mix.ts';
import type { ArmName, Sample, Trial } from './trial.ts';

/** Slots of each where several squiss-ts share them: what is known to serve it best. */
const SQUISS_SLOTS = 32;

/** The body of a process that is forked for one trial: starts the arm, measures it, tells, and is killed. */
async function run(trial: Trial): Promise<Sample> {
  const { arm, slots, until, warmMs, taskMs } = trial;
  const ledger = new CreditLedger(slots);
  const meter = new Meter(() => (arm === 'streamforge' ? ledger.limit : null));
  const work = async (body: string): Promise<void> => {
    const assetId = assetIdOf(body);
    meter.started(assetId);
    await stubCall();
    await stubCall();
    await task(assetId, taskMs);
    await stubCall();
    meter.finished(assetId);
  };
  const bench: Bench = { sqs: meteredSqs(trial, meter), queueUrl: trial.queueUrl, slots, work };
  if (arm === 'streamforge') streamforge(bench, ledger, meter, taskMs);
  else START[arm](bench);
  await sleep(warmMs);
  meter.begin();
  setInterval(() => meter.notedMemory(), 5000);
  if ('measureMs' in until) await sleep(until.measureMs);
  else while (meter.deleted < until.deleted) await sleep(50);
  return meter.sample();
}

const START: Readonly<Record<Exclude<ArmName, 'streamforge'>, (bench: Bench) => void>> = {
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
