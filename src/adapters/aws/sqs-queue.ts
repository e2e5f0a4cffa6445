import assert from 'node:assert/strict';
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
import { creditConsumer } from './credit-consumer.ts';
import { PollGate } from './poll-gate.ts';
import { deadLetterAttributes, toMessageAttributes } from './sqs-message.ts';
import { vendorError } from './vendor-error.ts';

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

const BATCH_ENTRIES_MAX = 10;

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
    return this.#batch(messages, signal, (options) => {
      const Entries = messages.map(({ receipt }, at) => ({
        Id: String(at),
        ReceiptHandle: receipt,
      }));
      const command = new DeleteMessageBatchCommand({ QueueUrl: this.#options.queueUrl, Entries });
      return this.#sqs.send(command, options);
    });
  }

  async changeVisibility(
    changes: readonly VisibilityChange[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]> {
    return this.#batch(changes, signal, (options) => {
      const Entries = changes.map(({ message, seconds }, at) => ({
        Id: String(at),
        ReceiptHandle: message.receipt,
        VisibilityTimeout: seconds,
      }));
      return this.#sqs.send(
        new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#options.queueUrl, Entries }),
        options,
      );
    });
  }

  async send({ body, attributes }: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    await this.#translated(signal, (options) =>
      this.#sqs.send(
        new SendMessageCommand({
          QueueUrl: this.#options.queueUrl,
          MessageBody: body,
          MessageAttributes: toMessageAttributes(attributes),
        }),
        options,
      ),
    );
  }

  async deadLetter(
    message: QueueMessage,
    reason: { code: string; detail: string },
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#translated(signal, (options) =>
      this.#sqs.send(
        new SendMessageCommand({
          QueueUrl: this.#options.deadLetterQueueUrl,
          MessageBody: message.body,
          MessageAttributes: deadLetterAttributes(message, reason),
        }),
        options,
      ),
    );
  }

  /** One receive. Nobody aborts it: a message that was on its way would hide for its whole visibility. */
  #receive(command: ReceiveMessageCommand): Promise<ReceiveMessageCommandOutput> {
    const { waitSeconds, receiveSlackMs } = this.#options;
    const requestTimeout = waitSeconds * 1000 + receiveSlackMs;
    return this.#translated(undefined, () => this.#sqs.send(command, { requestTimeout }));
  }

  /** Ids are positions, because the same message may be in a batch twice. */
  async #batch(
    entries: readonly unknown[],
    signal: AbortSignal | undefined,
    call: (options: CallOptions) => Promise<{
      readonly Successful?: readonly { readonly Id: string | undefined }[] | undefined;
    }>,
  ): Promise<readonly boolean[]> {
    assert(entries.length <= BATCH_ENTRIES_MAX, 'a batch has at most ten entries');
    if (entries.length === 0) return [];
    const { Successful = [] } = await this.#translated(signal, call);
    const taken = new Set(Successful.map(({ Id }) => Id));
    return entries.map((_, at) => taken.has(String(at)));
  }

  async #translated<T>(
    signal: AbortSignal | undefined,
    call: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    try {
      return await call(signal ? { abortSignal: signal } : {});
    } catch (error) {
      throw vendorError(error, 'QUEUE_UNAVAILABLE', signal);
    }
  }
}

interface CallOptions {
  readonly abortSignal?: AbortSignal;
}
