import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  type SNSClient,
} from '@aws-sdk/client-sns';
import type { AssetEvent } from '#domain/events.ts';
import type { EventBus } from '#ports/event-bus.ts';
import { callerOf } from './call-aws.ts';
import { sendBatch } from './send-batch.ts';

/** What subscribers filter on. */
const FILTERABLE = [
  'type',
  'tenant',
  'status',
  'contentType',
  'correlationId',
  'eventId',
] as const satisfies readonly (keyof AssetEvent)[];

const call = callerOf('EVENT_BUS_UNAVAILABLE');

/** Events on an SNS topic. */
export class SnsEventBus implements EventBus {
  readonly #sns: SNSClient;
  readonly #topicArn: string;

  constructor(sns: SNSClient, topicArn: string) {
    this.#sns = sns;
    this.#topicArn = topicArn;
  }

  async publish(events: readonly AssetEvent[], signal?: AbortSignal): Promise<readonly boolean[]> {
    const command = new PublishBatchCommand({
      TopicArn: this.#topicArn,
      PublishBatchRequestEntries: events.map(toEntry),
    });
    return sendBatch(events.length, () =>
      call(signal, (options) => this.#sns.send(command, options)),
    );
  }
}

function toEntry(event: AssetEvent, at: number): PublishBatchRequestEntry {
  const attributes = FILTERABLE.filter((name) => event[name] !== '').map((name) => [
    name,
    { DataType: 'String', StringValue: event[name] },
  ]);
  return {
    Id: String(at),
    Message: asciiJson(event),
    MessageAttributes: Object.fromEntries(attributes),
  };
}

/**
 * The same JSON in ASCII alone. SNS and SQS refuse some characters, and not all of them the same: a file's name must not
 * keep its event from going out.
 */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
