import { randomBytes } from 'node:crypto';
import type { Middleware } from '@20minutes/s3rver/context';
import cors from '@20minutes/s3rver/lib/middleware/cors.js';
import type { AccessKey } from '#embedded/access-key.ts';
import { s3Error } from './s3-error.ts';
import { checkSignature } from './signature.ts';

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Lets in what is signed with our key, and preflights. Refusals, too, are for scripts of allowed origins to read. */
export function gate(accessKey: AccessKey): Middleware {
  const applyCors = cors();
  return async (ctx, next) => {
    ctx.set('x-amz-request-id', randomBytes(8).toString('hex').toUpperCase());
    ctx.params = bucketAndKey(ctx.path);
    const enter = () => {
      if (ctx.method !== 'OPTIONS') checkSignature(ctx, accessKey);
      // s3rver leaves requests to a website alone: the signature is checked already, and better.
      ctx.state.website = {};
      return next();
    };
    return ctx.params.bucket ? applyCors(ctx, async () => enter()) : enter();
  };
}

/** What a request is about, as s3rver's router reads it. */
function bucketAndKey(path: string): { bucket?: string; key?: string } {
  const [, bucket = '', ...segments] = path.split('/').map(decode);
  if (bucket === '') return {};
  if (!BUCKET_NAME.test(bucket)) {
    throw s3Error('InvalidBucketName', 'The specified bucket is not valid.', {
      BucketName: bucket,
    });
  }
  const key = segments.join('/');
  return key === '' ? { bucket } : { bucket, key };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw s3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
}
