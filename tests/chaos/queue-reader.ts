import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** Shorter than the time-out of a call. */
const WAIT_SECONDS = 1;
const PAUSE_AFTER_ERROR_MS = 200;

/** Reads a queue until it is told to stop; a message that was handled is deleted. */
export interface QueueReader {
  /** Resolves when the last message in hand is handled. */
  stop(): Promise<void>;
}

/** Hands over every message of a queue, at least once. */
export function readQueue(
  sqs: SQSClient,
  QueueUrl: string,
  handle: (message: Message) => void,
): QueueReader {
  let stopped = false;
  const round = async (): Promise<void> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: WAIT_SECONDS,
      }),
    );
    if (Messages.length === 0) return;
    for (const message of Messages) handle(message);
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  };
  const loop = async (): Promise<void> => {
    while (!stopped) await round().catch(() => sleep(PAUSE_AFTER_ERROR_MS));
  };
  const ended = loop();
  return {
    stop: () => {
      stopped = true;
      return ended;
    },
  };
}
