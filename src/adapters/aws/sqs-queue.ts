import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type ReceiveMessageCommand,
  type ReceiveMessageCommandOutput,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Log } from '#ports/log.ts';
import type {
  Demand,
  OutgoingMessage,
  Queue,
  QueueMessage,
  VisibilityChange,
} from '#ports/queue.ts';
import { callerOf } from './call-aws.ts';
import { creditConsumer } from './credit-consumer.ts';
import { PollGate } from './poll-gate.ts';
import { sendBatch } from './send-batch.ts';
import { deadLetterAttributes, toMessageAttributes } from './sqs-message.ts';

/** What the queue needs besides its client. */
export interface SqsQueueOptions {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Consumers that share the demand: as many receives may be open at once. */
  readonly consumers: number;
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
  /** On top of the wait, before a receive is given up. */
  readonly receiveSlackMs: number;
  /** After a failed receive, see {@link PollGate}. */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  readonly log?: Log;
  /** In [0, 1); the machine's unless told. */
  readonly random?: () => number;
}

const call = callerOf('QUEUE_UNAVAILABLE');

/** A work queue in SQS. It is received from through sqs-consumer, as much at a time as is asked for. */
export class SqsQueue implements Queue {
  readonly #sqs: SQSClient;
  readonly #options: SqsQueueOptions;

  constructor(sqs: SQSClient, options: SqsQueueOptions) {
    this.#sqs = sqs;
    this.#options = options;
  }

  async consume(demand: Demand, signal: AbortSignal): Promise<void> {
    const { consumers, waitSeconds, visibilitySeconds, queueUrl, log } = this.#options;
    const { backoffBaseMs: baseMs, backoffCapMs: capMs, random = Math.random } = this.#options;
    const gate = new PollGate({ baseMs, capMs, random }, signal);
    const receive = (command: ReceiveMessageCommand) => this.#receive(command);
    const one = () =>
      creditConsumer({
        sqs: this.#sqs,
        options: { queueUrl, waitTimeSeconds: waitSeconds, visibilityTimeout: visibilitySeconds },
        receive,
        gate,
        demand,
        log,
        signal,
      });
    await Promise.all(Array.from({ length: consumers }, one));
  }

  async remove(
    messages: readonly QueueMessage[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]> {
    const Entries = messages.map(({ receipt }, at) => ({
      Id: String(at),
      ReceiptHandle: receipt,
    }));
    const command = new DeleteMessageBatchCommand({ QueueUrl: this.#options.queueUrl, Entries });
    return sendBatch(messages.length, () =>
      call(signal, (options) => this.#sqs.send(command, options)),
    );
  }

  async changeVisibility(
    changes: readonly VisibilityChange[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]> {
    const Entries = changes.map(({ message, seconds }, at) => ({
      Id: String(at),
      ReceiptHandle: message.receipt,
      VisibilityTimeout: seconds,
    }));
    const { queueUrl } = this.#options;
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries });
    return sendBatch(changes.length, () =>
      call(signal, (options) => this.#sqs.send(command, options)),
    );
  }

  async send({ body, attributes }: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: this.#options.queueUrl,
      MessageBody: body,
      MessageAttributes: toMessageAttributes(attributes),
    });
    await call(signal, (options) => this.#sqs.send(command, options));
  }

  async deadLetter(
    message: QueueMessage,
    reason: { code: string; detail: string },
    signal?: AbortSignal,
  ): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: this.#options.deadLetterQueueUrl,
      MessageBody: message.body,
      MessageAttributes: deadLetterAttributes(message, reason),
    });
    await call(signal, (options) => this.#sqs.send(command, options));
  }

  /** One receive. Nobody aborts it: a message that was on its way would hide for its whole visibility. */
  #receive(command: ReceiveMessageCommand): Promise<ReceiveMessageCommandOutput> {
    const { waitSeconds, receiveSlackMs } = this.#options;
    const requestTimeout = waitSeconds * 1000 + receiveSlackMs;
    return call(undefined, () => this.#sqs.send(command, { requestTimeout }));
  }
}
