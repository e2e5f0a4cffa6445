import type { S3Context } from '@20minutes/s3rver/context';
import { type ByteRange, parseByteRange } from './byte-range.ts';
import type { ObjectFiles } from './object-files.ts';
import type { ObjectName, ObjectRecord } from './object-record.ts';
import { checkBeforeRead } from './preconditions.ts';
import { s3Error } from './s3-error.ts';

/** GetObject and HeadObject. What is read is one version, whatever is written meanwhile. */
export async function getObject(
  ctx: S3Context,
  name: ObjectName,
  files: ObjectFiles,
): Promise<void> {
  const opened = await files.open(name);
  if (!opened) throw s3Error('NoSuchKey', 'The specified key does not exist.', { Key: name.key });
  const { record, file } = opened;
  let streams = false;
  try {
    describe(ctx, record);
    if (!checkBeforeRead(ctx.headers, record)) {
      ctx.status = 304;
      return;
    }
    const range = rangeOf(ctx, record);
    const { start, end } = range ?? { start: 0, end: record.size - 1 };
    ctx.status = range ? 206 : 200;
    if (range) ctx.set('content-range', `bytes ${start}-${end}/${record.size}`);
    if (ctx.method !== 'HEAD') {
      streams = true;
      // An empty object has no last byte to read to.
      ctx.body = file.createReadStream(record.size === 0 ? {} : { start, end });
    }
    ctx.length = end - start + 1;
  } finally {
    if (!streams) await file.close();
  }
}

function rangeOf(ctx: S3Context, record: ObjectRecord): ByteRange | null {
  const ifRange = ctx.get('if-range');
  if (ifRange !== '' && ifRange !== JSON.stringify(record.etag)) return null;
  const range = parseByteRange(ctx.get('range'), record.size);
  if (range !== 'unsatisfiable') return range;
  throw s3Error('InvalidRange', 'The requested range is not satisfiable', {
    RangeRequested: ctx.get('range'),
    ActualObjectSize: record.size,
  });
}

/** What a signed query may have S3 answer in place of the object's own headers. */
const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

function describe(ctx: S3Context, record: ObjectRecord): void {
  for (const [name, value] of Object.entries(record.headers)) ctx.set(name, value);
  for (const name of OVERRIDES) {
    const value = ctx.query[`response-${name}`];
    if (typeof value === 'string') ctx.set(name, value);
  }
  ctx.set('accept-ranges', 'bytes');
  ctx.set('last-modified', new Date(record.lastModified).toUTCString());
  if (record.checksumSha256 && ctx.get('x-amz-checksum-mode').toUpperCase() === 'ENABLED') {
    ctx.set('x-amz-checksum-sha256', record.checksumSha256);
  }
  ctx.etag = record.etag;
}
