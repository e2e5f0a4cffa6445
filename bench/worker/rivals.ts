import type { Message, SQS } from '@aws-sdk/client-sqs';
import { bufferTime, filter, from, map, mergeMap, Subject } from 'rxjs';
import { Consumer, type ConsumerOptions } from 'sqs-consumer';
import { Squiss } from 'squiss-ts';
import { LIMITS } from '#config/limits.ts';

/** What an arm works with. */
export interface Bench {
  readonly sqs: SQS;
  readonly queueUrl: string;
  readonly slots: number;
  /** The stub calls and the task of one message. */
  readonly work: (body: string) => Promise<void>;
}

/** As this worker has them. */
const WAIT_SECONDS = LIMITS.queueWaitSeconds;
const VISIBILITY_SECONDS = LIMITS.queueVisibilitySeconds;
const BATCH_MAX = LIMITS.queueBatchMessagesMax;

/** `count` of sqs-consumer with the batch handler: the next receive begins when the last message of a batch is done. */
export function sqsConsumerBatches(bench: Bench, count: number): void {
  for (let at = 0; at < count; at += 1) {
    startConsumer(bench, {
      batchSize: BATCH_MAX,
      handleMessageBatch: async (messages) => {
        await Promise.all(messages.map(({ Body = '' }) => bench.work(Body)));
        return messages;
      },
    });
  }
}

/** One sqs-consumer a slot, a message each: its fastest set-up. */
export function sqsConsumerSingles(bench: Bench): void {
  for (let at = 0; at < bench.slots; at += 1) {
    startConsumer(bench, {
      batchSize: 1,
      handleMessage: async (message) => {
        await bench.work(message.Body ?? '');
        return message;
      },
    });
  }
}

/** `count` of squiss-ts that share the slots, at its defaults. */
export function squiss({ sqs, queueUrl, slots, work }: Bench, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const poller = new Squiss({
      SQS: sqs,
      queueUrl,
      bodyFormat: 'plain',
      maxInFlight: Math.ceil(slots / count),
      receiveWaitTimeSecs: WAIT_SECONDS,
      visibilityTimeoutSecs: VISIBILITY_SECONDS,
    });
    poller.on('message', (message) => {
      work(String(message.body)).then(() => message.del(), complain);
    });
    poller.on('error', complain);
    poller.start().catch(complain);
  }
}

/** What one writes first: `mergeMap` bounds the work, and nothing bounds what is received. */
export function naive(bench: Bench): void {
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
  startConsumer(bench, {
    batchSize: BATCH_MAX,
    handleMessageBatch: async (messages) => {
      for (const message of messages) received$.next(message);
      return [];
    },
  });
}

function startConsumer({ sqs, queueUrl }: Bench, options: Partial<ConsumerOptions>): void {
  const consumer = Consumer.create({
    sqs,
    queueUrl,
    waitTimeSeconds: WAIT_SECONDS,
    visibilityTimeout: VISIBILITY_SECONDS,
    messageSystemAttributeNames: ['All'],
    ...options,
  } as ConsumerOptions);
  consumer.on('error', complain);
  consumer.on('processing_error', complain);
  consumer.start();
}

function complain(error: unknown): void {
  console.error(error);
}
