import type { Middleware, S3Context } from '@20minutes/s3rver/context';
import { getObject } from './get-object.ts';
import { listObjects } from './list-objects.ts';
import type { Multipart } from './multipart.ts';
import type { NotificationConfiguration } from './notification-configuration.ts';
import type { ObjectFiles } from './object-files.ts';
import type { ObjectName } from './object-record.ts';
import { putObject } from './put-object.ts';
import { s3Error } from './s3-error.ts';

type Operation = (ctx: S3Context, name: ObjectName) => Promise<void> | void;

interface OperationsOptions {
  readonly files: ObjectFiles;
  readonly multipart: Multipart;
  readonly notifications: NotificationConfiguration;
}

/** The operations that are ours. s3rver does the others: buckets, deletes, copies, CORS configuration. */
export function operations(options: OperationsOptions): Middleware {
  const { files, multipart, notifications } = options;
  const table: Readonly<Record<string, Operation>> = {
    'GET /bucket?list-type': (ctx, { bucket }) => listObjects(ctx, bucket, files),
    'GET /bucket?notification': (ctx, { bucket }) => notifications.get(ctx, bucket),
    'PUT /bucket?notification': (ctx, { bucket }) => notifications.put(ctx, bucket),
    // A form upload would go past the promises of the store.
    'POST /bucket': unknownHere,
    'GET /bucket/key': (ctx, name) => getObject(ctx, name, files),
    'HEAD /bucket/key': (ctx, name) => getObject(ctx, name, files),
    'PUT /bucket/key': (ctx, name) => putObject(ctx, name, files),
    'POST /bucket/key?uploads': (ctx, name) => multipart.create(ctx, name),
    'PUT /bucket/key?uploadId': (ctx, name) => multipart.putPart(ctx, name),
    'PUT /bucket/key?uploadId (copy)': unknownHere,
    'GET /bucket/key?uploadId': (ctx, name) => multipart.listParts(ctx, name),
    'POST /bucket/key?uploadId': (ctx, name) => multipart.complete(ctx, name),
    'DELETE /bucket/key?uploadId': (ctx, name) => multipart.abort(ctx, name),
  };
  return async (ctx, next) => {
    const operation = table[nameOf(ctx)];
    if (!operation) return next();
    const { bucket = '', key = '' } = ctx.params;
    if (!(await files.getBucket(bucket))) {
      throw s3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
    }
    await operation(ctx, { bucket, key });
  };
}

/** Query parameters that make it another operation. */
const SUBRESOURCES = [
  ...['acl', 'delete', 'legal-hold', 'list-type', 'notification', 'retention', 'select'],
  ...['tagging', 'torrent', 'uploadId', 'uploads'],
];

function nameOf({ method, params, query, headers }: S3Context): string {
  const subresource = SUBRESOURCES.find((name) => name in query);
  return [
    method,
    ` /bucket${params.key === undefined ? '' : '/key'}`,
    subresource === undefined ? '' : `?${subresource}`,
    'x-amz-copy-source' in headers ? ' (copy)' : '',
  ].join('');
}

const unknownHere: Operation = () => {
  throw s3Error('NotImplemented', 'The embedded cloud does not know this operation');
};
