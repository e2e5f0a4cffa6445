import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import { callerOf } from './call-aws.ts';
import { sendBatch } from './send-batch.ts';
import { toQueueMessage } from './sqs-message.ts';

/** What a look into a dead-letter queue needs besides its client. */
export interface SqsDeadLettersOptions {
  readonly deadLetterQueueUrl: string;
  /** Of a receive, at least 1: then SQS asks all its servers, and an empty answer means that there is nothing. */
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
  /** On top of the wait, before a receive is given up. */
  readonly receiveSlackMs: number;
}

const BATCH_MESSAGES_MAX = 10;

/** Together they are all messages there are; SQS counts each kind by itself. */
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

const call = callerOf('QUEUE_UNAVAILABLE');

/** A dead-letter queue in SQS. */
export class SqsDeadLetters implements DeadLetters {
  readonly #sqs: SQSClient;
  readonly #options: SqsDeadLettersOptions;

  constructor(sqs: SQSClient, options: SqsDeadLettersOptions) {
    this.#sqs = sqs;
    this.#options = options;
  }

  async count(signal?: AbortSignal): Promise<number> {
    const { deadLetterQueueUrl: QueueUrl } = this.#options;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] });
    const { Attributes = {} } = await call(signal, (options) => this.#sqs.send(command, options));
    return COUNTS.reduce((total, name) => total + Number(Attributes[name] ?? 0), 0);
  }

  async receive(signal?: AbortSignal): Promise<readonly DeadLetter[]> {
    signal?.throwIfAborted();
    const { deadLetterQueueUrl, waitSeconds, visibilitySeconds, receiveSlackMs } = this.#options;
    const command = new ReceiveMessageCommand({
      QueueUrl: deadLetterQueueUrl,
      MaxNumberOfMessages: BATCH_MESSAGES_MAX,
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: visibilitySeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    const requestTimeout = waitSeconds * 1000 + receiveSlackMs;
    const { Messages = [] } = await call(undefined, () =>
      this.#sqs.send(command, { requestTimeout }),
    );
    return Messages.map(toDeadLetter);
  }

  async giveBack(
    letters: readonly DeadLetter[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]> {
    const { deadLetterQueueUrl: QueueUrl } = this.#options;
    const Entries = entriesOf(letters).map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries });
    return sendBatch(letters.length, () =>
      call(signal, (options) => this.#sqs.send(command, options)),
    );
  }

  async remove(letters: readonly DeadLetter[], signal?: AbortSignal): Promise<readonly boolean[]> {
    const { deadLetterQueueUrl: QueueUrl } = this.#options;
    const command = new DeleteMessageBatchCommand({ QueueUrl, Entries: entriesOf(letters) });
    return sendBatch(letters.length, () =>
      call(signal, (options) => this.#sqs.send(command, options)),
    );
  }
}

const entriesOf = (letters: readonly DeadLetter[]) =>
  letters.map(({ receipt }, at) => ({ Id: String(at), ReceiptHandle: receipt }));

/** The sender's attributes and the reason, which travelled together, apart again; SQS's own are in neither. */
function toDeadLetter(message: Message): DeadLetter {
  const { Attributes = {}, ...own } = message;
  const { attributes: sent } = toQueueMessage(own);
  const { code, detail = '', sourceMessageId, ...rest } = sent;
  const isBuried = code !== undefined && sourceMessageId !== undefined;
  return {
    ...toQueueMessage(message),
    attributes: isBuried ? rest : sent,
    sentAt: Number(Attributes.SentTimestamp ?? 0),
    reason: isBuried ? { code, detail, sourceMessageId } : null,
  };
}
