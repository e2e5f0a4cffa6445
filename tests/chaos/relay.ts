import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { parseSourceKey } from '#domain/keys.ts';
import { type QueueReader, readQueue } from './queue-reader.ts';

const SEND_TRIES = 10;
const PAUSE_AFTER_ERROR_MS = 200;

/** Stands between S3's events and the work queue. */
export interface Relay {
  /** Deliveries that are still to be made. */
  readonly waiting: number;
  stop(): Promise<void>;
}

/**
 * Takes S3's events and sends each of them on as the plan says: once, several times, late, or never. What is sent is S3's
 * own message, as it was.
 *
 * @param deliveriesOf When an asset's event is due, in ms from now.
 */
export function relay(
  sqs: SQSClient,
  urls: { readonly relay: string; readonly work: string },
  deliveriesOf: (assetId: string) => readonly number[],
): Relay {
  let waiting = 0;
  const deliver = async (MessageBody: string, afterMs: number): Promise<void> => {
    waiting += 1;
    await sleep(afterMs);
    for (let tries = 1; tries <= SEND_TRIES; tries += 1) {
      try {
        await sqs.send(new SendMessageCommand({ QueueUrl: urls.work, MessageBody }));
        break;
      } catch {
        await sleep(PAUSE_AFTER_ERROR_MS);
      }
    }
    waiting -= 1;
  };
  const reader: QueueReader = readQueue(sqs, urls.relay, ({ Body = '' }) => {
    const assetId = assetIdOf(Body);
    const deliveriesMs = assetId === null ? [] : deliveriesOf(assetId);
    for (const afterMs of deliveriesMs) void deliver(Body, afterMs);
  });
  return {
    get waiting() {
      return waiting;
    },
    stop: () => reader.stop(),
  };
}

interface CreatedEvent {
  readonly Records?: readonly { readonly s3: { readonly object: { readonly key: string } } }[];
}

function assetIdOf(body: string): string | null {
  const key = (JSON.parse(body) as CreatedEvent).Records?.[0]?.s3.object.key;
  return key === undefined ? null : (parseSourceKey(decodeURIComponent(key))?.assetId ?? null);
}
