import type { Message, SQS } from '@aws-sdk/client-sqs';
import { bufferTime, filter, from, map, mergeMap, Subject } from 'rxjs';
import { Consumer, type ConsumerOptions } from 'sqs-consumer';
import { Squiss } from 'squiss-ts';
import { LIMITS } from '#config/limits.ts';
import type { QueueTimes } from './trial.ts';

/** What an arm works with. */
export interface Bench {
  readonly sqs: SQS;
  readonly queueUrl: string;
  readonly slots: number;
  readonly times: QueueTimes;
  /** Whether tasks take longer than a message stays hidden: then an arm that can keep it so is told to. */
  readonly renews: boolean;
  /** The stub calls and the task of one message. */
  readonly work: (body: string) => Promise<void>;
}

/** An arm that can be started, stopped, and started again. Neither waits for anything. */
export interface Running {
  start(): void;
  stop(): void;
}

/** As this worker has it. */
const BATCH_MAX = LIMITS.queueBatchMessagesMax;

/** `count` of sqs-consumer with the batch handler: the next receive begins when the last message of a batch is done. */
export function sqsConsumerBatches(bench: Bench, count: number): Running {
  return several(count, () =>
    sqsConsumer(bench, {
      batchSize: BATCH_MAX,
      handleMessageBatch: async (messages) => {
        await Promise.all(messages.map(({ Body = '' }) => bench.work(Body)));
        return messages;
      },
    }),
  );
}

/** One sqs-consumer a slot, a message each: its fastest set-up. */
export function sqsConsumerSingles(bench: Bench): Running {
  return several(bench.slots, () =>
    sqsConsumer(bench, {
      batchSize: 1,
      handleMessage: async (message) => {
        await bench.work(message.Body ?? '');
        return message;
      },
    }),
  );
}

/** `count` of squiss-ts that share the slots, at its defaults. */
export function squiss(bench: Bench, count: number): Running {
  const { sqs, queueUrl, slots, times, renews, work } = bench;
  return several(count, () => {
    const poller = new Squiss({
      SQS: sqs,
      queueUrl,
      bodyFormat: 'plain',
      maxInFlight: Math.ceil(slots / count),
      receiveWaitTimeSecs: times.waitSeconds,
      visibilityTimeoutSecs: times.visibilitySeconds,
      autoExtendTimeout: renews,
      receiveSqsAttributes: ['All'],
    });
    poller.on('message', (message) => {
      work(String(message.body)).then(() => message.del(), complain);
    });
    poller.on('error', complain);
    return {
      start: () => void poller.start().catch(complain),
      stop: () => void poller.stop(true).catch(complain),
    };
  });
}

/** What one writes first: `mergeMap` bounds the work, and nothing bounds what is received. */
export function naive(bench: Bench): Running {
  const { sqs, queueUrl, slots, work } = bench;
  const received$ = new Subject<Message>();
  received$
    .pipe(
      mergeMap((message) => from(work(message.Body ?? '')).pipe(map(() => message)), slots),
      bufferTime(500, null, BATCH_MAX),
      filter((batch) => batch.length > 0),
      mergeMap((batch) =>
        sqs.deleteMessageBatch({
          QueueUrl: queueUrl,
          Entries: batch.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle })),
        }),
      ),
    )
    .subscribe({ error: complain });
  return sqsConsumer(
    { ...bench, renews: false },
    {
      batchSize: BATCH_MAX,
      handleMessageBatch: async (messages) => {
        for (const message of messages) received$.next(message);
        return [];
      },
    },
  );
}

function sqsConsumer(
  { sqs, queueUrl, times, renews }: Bench,
  options: Partial<ConsumerOptions>,
): Running {
  const consumer = Consumer.create({
    sqs,
    queueUrl,
    waitTimeSeconds: times.waitSeconds,
    visibilityTimeout: times.visibilitySeconds,
    messageSystemAttributeNames: ['All'],
    ...(renews && { heartbeatInterval: times.visibilitySeconds / 2 }),
    ...options,
  } as ConsumerOptions);
  consumer.on('error', complain);
  consumer.on('processing_error', complain);
  return { start: () => consumer.start(), stop: () => consumer.stop() };
}

function several(count: number, make: () => Running): Running {
  const all = Array.from({ length: count }, make);
  return {
    start: () => {
      for (const one of all) one.start();
    },
    stop: () => {
      for (const one of all) one.stop();
    },
  };
}

function complain(error: unknown): void {
  console.error(error);
}
