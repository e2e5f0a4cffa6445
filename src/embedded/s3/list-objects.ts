import type { S3Context } from '@20minutes/s3rver/context';
import { answerXml } from './answer-xml.ts';
import { eventKey } from './created-event.ts';
import type { ObjectFiles } from './object-files.ts';
import { s3Error } from './s3-error.ts';

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const LISTED_KEYS_MAX = 1000;

/** An object, or a prefix that stands for several. */
interface Entry {
  readonly key: string;
  readonly isPrefix: boolean;
  /** The last key that it stands for, where the next page goes on. */
  readonly last: string;
}

/** ListObjectsV2, in S3's order. s3rver's own needs a cipher that Node no longer has for its second page. */
export function listObjects(ctx: S3Context, bucket: string, files: ObjectFiles): void {
  const asked = (name: string) => String(ctx.query[name] ?? '');
  const token = asked('continuation-token');
  const after = token === '' ? asked('start-after') : Buffer.from(token, 'base64url').toString();
  const max = Math.min(Number(asked('max-keys') || LISTED_KEYS_MAX), LISTED_KEYS_MAX);
  if (!(max >= 0)) throw s3Error('InvalidArgument', 'max-keys must be a number');
  const prefix = asked('prefix');
  const delimiter = asked('delimiter');
  const keys = files
    .keys(bucket)
    .filter((key) => key.startsWith(prefix) && compare(key, after) > 0);
  const entries = group(keys, prefix, delimiter);
  const page = entries.slice(0, max);
  const isTruncated = entries.length > page.length && max > 0;
  const spell = asked('encoding-type') === 'url' ? eventKey : (key: string) => key;
  answerXml(ctx, 'ListBucketResult', {
    Name: bucket,
    Prefix: spell(prefix),
    Delimiter: delimiter === '' ? undefined : spell(delimiter),
    EncodingType: asked('encoding-type') || undefined,
    StartAfter: asked('start-after') === '' ? undefined : spell(asked('start-after')),
    ContinuationToken: token === '' ? undefined : token,
    NextContinuationToken: isTruncated
      ? Buffer.from(page.at(-1)?.last ?? '').toString('base64url')
      : undefined,
    KeyCount: page.length,
    MaxKeys: max,
    IsTruncated: isTruncated,
    Contents: page
      .filter(({ isPrefix }) => !isPrefix)
      .flatMap(({ key }) => describe(key, spell(key), bucket, files)),
    CommonPrefixes: page
      .filter(({ isPrefix }) => isPrefix)
      .map(({ key }) => ({ Prefix: spell(key) })),
  });
}

function describe(key: string, Key: string, bucket: string, files: ObjectFiles) {
  const record = files.find({ bucket, key });
  if (!record) return [];
  const { lastModified, etag, size } = record;
  const ETag = JSON.stringify(etag);
  return [{ Key, LastModified: lastModified, ETag, Size: size, StorageClass: 'STANDARD' }];
}

/** Keys that go on after the same delimiter become one entry. */
function group(keys: readonly string[], prefix: string, delimiter: string): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const key of [...keys].sort(compare)) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = end === -1 ? key : key.slice(0, end + delimiter.length);
    entries.set(name, { key: name, isPrefix: end !== -1, last: key });
  }
  return [...entries.values()];
}

/** S3 sorts by the bytes of UTF-8, JavaScript by UTF-16 units. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
