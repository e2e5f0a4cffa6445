import { randomBytes } from 'node:crypto';
import type { ObjectRecord } from './object-record.ts';

export type CreatedEventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload';

/** An object that is about to be there. */
export interface Creation {
  readonly bucket: string;
  readonly key: string;
  readonly record: ObjectRecord;
  readonly eventName: CreatedEventName;
}

/** S3's event message, as `ObjectCreated:*` notifications bring it. */
export function createdEvent(
  { bucket, key, record, eventName }: Creation,
  configurationId: string,
  region: string,
): string {
  const Record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: record.lastModified,
    eventName,
    userIdentity: { principalId: 'EMBEDDED' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase() },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucket,
        ownerIdentity: { principalId: 'EMBEDDED' },
        arn: `arn:aws:s3:::${bucket}`,
      },
      object: {
        key: eventKey(key),
        size: record.size,
        eTag: record.etag,
        sequencer: record.sequencer,
      },
    },
  };
  return JSON.stringify({ Records: [Record] });
}

/** A key as S3 spells it in events: form-encoded, with the slashes left alone. */
export function eventKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}
