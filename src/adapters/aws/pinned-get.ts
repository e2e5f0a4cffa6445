import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { ForgeError } from '#domain/errors.ts';
import { callOptions } from './call-aws.ts';
import { S3_OUTAGE } from './call-s3.ts';

/** Which bytes of which object; without a range all of them. */
interface Pinned {
  readonly Bucket: string;
  readonly Key: string;
  readonly etag: string;
  readonly range?: string;
}

/** A GET of the object with that ETag, not yet read; null where the range begins past the end. Errors are the SDK's. */
export async function pinnedGet(
  s3: S3Client,
  { Bucket, Key, etag, range }: Pinned,
  signal: AbortSignal | undefined,
): Promise<GetObjectCommandOutput | null> {
  const command = new GetObjectCommand({
    Bucket,
    Key,
    IfMatch: etag,
    ...(range !== undefined && { Range: range }),
  });
  try {
    const got = await s3.send(command, callOptions(signal));
    // A store that ignores If-Match must not get away with it.
    if (got.ETag === etag) return got;
    discard(got);
  } catch (error) {
    if (error instanceof Error && error.name === 'InvalidRange') return null;
    throw error;
  }
  throw new ForgeError('SOURCE_CHANGED', 'permanent', 'another object is in its place');
}

/** Ends a response that nobody will read, and with it its connection. */
function discard({ Body }: GetObjectCommandOutput): void {
  if (Body && 'destroy' in Body) Body.destroy();
}

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/;

/** How many bytes the answer holds, if it is the range that was asked for: some stores send another, or everything. */
export function rangeBytes(got: GetObjectCommandOutput, start: number, end: number): number {
  const [, first, last, size] = (CONTENT_RANGE.exec(got.ContentRange ?? '') ?? []).map(Number);
  if (size !== undefined && first === start && last === Math.min(end, size - 1)) {
    return last - first + 1;
  }
  discard(got);
  const text = 'the object store has sent another range than it was asked for';
  throw new ForgeError(S3_OUTAGE, 'transient', text);
}
