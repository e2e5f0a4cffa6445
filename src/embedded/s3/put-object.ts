import type { S3Context } from '@20minutes/s3rver/context';
import type { ObjectFiles } from './object-files.ts';
import { keptHeaders, type ObjectName } from './object-record.ts';
import { checkBeforeWrite } from './preconditions.ts';
import { receiveBody } from './receive-body.ts';

/** PutObject: the client is answered when the object is there and its event is in its queue. */
export async function putObject(
  ctx: S3Context,
  name: ObjectName,
  files: ObjectFiles,
): Promise<void> {
  // Before the bytes, to spare them, and after, because another writer may have been faster.
  checkBeforeWrite(ctx.headers, files.find(name));
  const blob = await receiveBody(ctx, files.newPath());
  const record = files.commit({
    ...name,
    blob,
    headers: keptHeaders(ctx.headers),
    eventName: 'ObjectCreated:Put',
    check: (existing) => checkBeforeWrite(ctx.headers, existing),
  });
  if (record.checksumSha256) ctx.set('x-amz-checksum-sha256', record.checksumSha256);
  ctx.etag = record.etag;
  ctx.body = '';
  ctx.status = 200;
}
