import assert from 'node:assert/strict';
import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  type SNSClient,
} from '@aws-sdk/client-sns';
import type { AssetEvent } from '#domain/events.ts';
import type { EventBus } from '#ports/event-bus.ts';
import { vendorError } from './vendor-error.ts';

const BATCH_EVENTS_MAX = 10;

/** What subscribers filter on. */
const FILTERABLE = [
  'type',
  'tenant',
  'status',
  'contentType',
  'correlationId',
  'eventId',
] as const satisfies readonly (keyof AssetEvent)[];

/** Events on an SNS topic. */
export class SnsEventBus implements EventBus {
  readonly #sns: SNSClient;
  readonly #topicArn: string;

  constructor(sns: SNSClient, topicArn: string) {
    this.#sns = sns;
    this.#topicArn = topicArn;
  }

  async publish(events: readonly AssetEvent[], signal?: AbortSignal): Promise<readonly boolean[]> {
    assert(events.length <= BATCH_EVENTS_MAX, 'a batch has at most ten events');
    if (events.length === 0) return [];
    const command = new PublishBatchCommand({
      TopicArn: this.#topicArn,
      PublishBatchRequestEntries: events.map(toEntry),
    });
    try {
      const options = signal ? { abortSignal: signal } : {};
      const { Successful = [] } = await this.#sns.send(command, options);
      const taken = new Set(Successful.map(({ Id }) => Id));
      return events.map((_, at) => taken.has(String(at)));
    } catch (error) {
      throw vendorError(error, 'EVENT_BUS_UNAVAILABLE', signal);
    }
  }
}

/** Ids are positions, because an event may be in a batch twice. */
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
