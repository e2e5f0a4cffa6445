import { createHmac } from 'node:crypto';
import type { S3Context } from '@20minutes/s3rver/context';
import v4 from '@20minutes/s3rver/lib/signature/v4.js';
import utils from '@20minutes/s3rver/lib/utils.js';
import type { AccessKey } from '#embedded/access-key.ts';
import { s3Error } from './s3-error.ts';

/**
 * Throws unless the request is signed with our key, in its Authorization header or in its URL (Signature Version 4).
 *
 * The parts are s3rver's; what is put together from them is ours, because s3rver takes requests without a signature,
 * expects those to a bucket to be signed for another path, and spells some characters of the query otherwise.
 */
export function checkSignature(ctx: S3Context, { accessKeyId, secretAccessKey }: AccessKey): void {
  const inQuery = 'X-Amz-Algorithm' in ctx.query;
  if (!inQuery && !ctx.headers.authorization) throw s3Error('AccessDenied', 'Access Denied');
  // What a presigned URL carries of headers counts as if it were sent as such.
  for (const [name, value] of new URLSearchParams(ctx.querystring)) {
    if (/^x-amz-/i.test(name)) ctx.headers[name.toLowerCase()] = value;
  }
  const signed = inQuery ? v4.parseQuery(ctx.query) : v4.parseHeader(ctx.headers);
  if (signed.accessKeyId !== accessKeyId) {
    const message = 'The AWS Access Key Id you provided does not exist in our records.';
    throw s3Error('InvalidAccessKeyId', message, { AWSAccessKeyId: signed.accessKeyId });
  }
  const { date, region, service } = signed.credential;
  const request = {
    method: ctx.method,
    uri: canonicalPath(ctx.path),
    querystring: canonicalQuery(ctx.querystring),
    headers: ctx.headers,
    timestamp: ctx.get('x-amz-date'),
  };
  const stringToSign = v4.getStringToSign(request, signed);
  const signature = createHmac('sha256', v4.getSigningKey(secretAccessKey, date, region, service))
    .update(stringToSign)
    .digest('hex');
  if (signature === signed.signatureProvided) return;
  throw s3Error(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { AWSAccessKeyId: accessKeyId, StringToSign: stringToSign },
  );
}

const encode = utils.encodeURIComponentRFC3986;

function canonicalPath(path: string): string {
  return path
    .split('/')
    .map((segment) => encode(decodeURIComponent(segment)))
    .join('/');
}

function canonicalQuery(querystring: string): string {
  return [...new URLSearchParams(querystring)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}
