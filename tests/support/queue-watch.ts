import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { vi } from 'vitest';
import { toQueueMessage } from '#adapters/aws/sqs-message.ts';
import type { AssetEvent } from '#domain/events.ts';
import type { QueueMessage } from '#ports/queue.ts';

/** Waits for a state that a slow machine may take a while to reach. */
export const EVENTUALLY = { timeout: 50_000, interval: 50 } as const;

/** Messages that hide take their time; a test that waits for many of them says how long it may take. */
const UNTIL_EMPTY = { timeout: 55_000, interval: 50 } as const;

/** An event as it reached the subscriber, with the attributes that it could have been filtered by. */
export interface ReceivedEvent {
  readonly event: AssetEvent;
  readonly attributes: Readonly<Record<string, string>>;
}

/** How many messages a queue holds, by what is true of them. */
export interface Depth {
  readonly visible: number;
  readonly inFlight: number;
}

/** The queues of a stack, seen from outside. */
export interface QueueWatch {
  /** Sends to the work queue, as S3 does. */
  send(body: unknown): Promise<void>;
  depth(): Promise<Depth>;
  /** Resolves as soon as nothing is left in the work queue, neither visible nor in anybody's hands. */
  untilEmpty(): Promise<void>;
  /** Everything the subscriber has of one asset, once at least one event has come. */
  eventsOf(assetId: string): Promise<readonly ReceivedEvent[]>;
  /** Everything that is visible in the work queue, taken out: events get lost. */
  takeMessages(): Promise<readonly QueueMessage[]>;
  /** Everything that is in the dead-letter queue, taken out. */
  takeDeadLetters(): Promise<readonly QueueMessage[]>;
}

/** Looks into the queues of a stack. */
export function watchQueues(
  sqs: SQSClient,
  urls: {
    readonly queueUrl: string;
    readonly deadLetterQueueUrl: string;
    readonly subscriberUrl: string;
  },
): QueueWatch {
  const received: ReceivedEvent[] = [];
  const depth = () => depthOf(sqs, urls.queueUrl);
  return {
    depth,
    send: async (body) => {
      const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
      await sqs.send(new SendMessageCommand({ QueueUrl: urls.queueUrl, MessageBody }));
    },
    untilEmpty: async () => {
      await vi.waitFor(async () => {
        const { visible, inFlight } = await depth();
        if (visible + inFlight > 0) {
          throw new Error(`${visible} messages are visible, ${inFlight} in flight`);
        }
      }, UNTIL_EMPTY);
    },
    eventsOf: (assetId) =>
      vi.waitFor(async () => {
        received.push(...(await takeAll(sqs, urls.subscriberUrl)).map(openEnvelope));
        const events = received.filter(({ event }) => event.assetId === assetId);
        if (events.length === 0) throw new Error(`no event of ${assetId} has come`);
        return events;
      }, EVENTUALLY),
    takeMessages: () => takeAll(sqs, urls.queueUrl),
    takeDeadLetters: () => takeAll(sqs, urls.deadLetterQueueUrl),
  };
}

async function depthOf(sqs: SQSClient, QueueUrl: string): Promise<Depth> {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const { Attributes = {} } = await sqs.send(command);
  const count = (name: QueueAttributeName) => Number(Attributes[name] ?? 0);
  return {
    visible: count('ApproximateNumberOfMessages') + count('ApproximateNumberOfMessagesDelayed'),
    inFlight: count('ApproximateNumberOfMessagesNotVisible'),
  };
}

/** Receives and deletes until a receive brings nothing. */
export async function takeAll(sqs: SQSClient, QueueUrl: string): Promise<readonly QueueMessage[]> {
  const taken: QueueMessage[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return taken;
    taken.push(...Messages.map(toQueueMessage));
    for (const { ReceiptHandle } of Messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

/** The event in SNS's envelope. */
export function openEnvelope({ body }: QueueMessage): ReceivedEvent {
  const { Message, MessageAttributes } = JSON.parse(body) as {
    readonly Message: string;
    readonly MessageAttributes: Readonly<Record<string, { readonly Value: string }>>;
  };
  const attributes = Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value]);
  return { event: JSON.parse(Message), attributes: Object.fromEntries(attributes) };
}
