import { createHash } from 'node:crypto';
import { sourceKey } from '#domain/keys.ts';
import type { QueueMessage } from '#ports/queue.ts';
import { KEY } from './an-asset.ts';

/** A message as received for the first time, its body as JSON unless it is text already. */
export function aMessage(body: unknown = {}, overrides: Partial<QueueMessage> = {}): QueueMessage {
  const id = overrides.id ?? 'm1';
  return {
    id,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    receipt: `receipt-of-${id}`,
    receiveCount: 1,
    attributes: {},
    ...overrides,
  };
}

/** The ETag of bytes that were sent whole, as S3's event spells it: without quotes. */
export function etagOf(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** What S3 says of one object, as far as we look at it; the key is encoded already. */
export function anS3Record(
  key: string = sourceKey(KEY),
  { eventName = 'ObjectCreated:Put', eTag = 'etag-1' }: { eventName?: string; eTag?: string } = {},
) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventName,
    s3: {
      bucket: { name: 'media' },
      object: { key, size: 1000, eTag, sequencer: '0055AED6DCD90281E5' },
    },
  };
}

/** S3's event of an upload to the asset's source. */
export function anS3Event(...keys: readonly { tenant: string; assetId: string }[]) {
  return { Records: (keys.length > 0 ? keys : [KEY]).map((key) => anS3Record(sourceKey(key))) };
}

/** Our own wish to have an asset processed. */
export function aCommand(overrides: Readonly<Record<string, unknown>> = {}) {
  return { kind: 'process', ...KEY, generation: 1, ...overrides };
}
