import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Context } from '@20minutes/s3rver/context';
import v4 from '@20minutes/s3rver/lib/signature/v4.js';
import type { StagedBlob } from './object-record.ts';
import { s3Error } from './s3-error.ts';

/**
 * Streams the body of a request into a new file, and checks that it is what was announced: its length, and whichever of
 * Content-MD5, x-amz-checksum-sha256 and x-amz-content-sha256 came with it. Otherwise, or when the client goes away,
 * the file is gone again.
 */
export async function receiveBody(ctx: S3Context, path: string): Promise<StagedBlob> {
  const expectedBytes = ctx.get('x-amz-decoded-content-length') || ctx.get('content-length');
  if (expectedBytes === '') {
    throw s3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  v4.aws4SignatureBodyParser(ctx);
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  const hashes = wantsSha256(ctx.headers) ? [md5, sha256] : [md5];
  let size = 0;
  try {
    await pipeline(
      ctx.request.body as Readable,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          size += chunk.length;
          for (const hash of hashes) hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(path),
    );
    if (size !== Number(expectedBytes)) {
      throw s3Error('IncompleteBody', 'The request body is not as long as announced.');
    }
    return { path, size, ...checkedDigests(ctx.headers, md5, sha256) };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function wantsSha256(headers: IncomingHttpHeaders): boolean {
  return headers['x-amz-checksum-sha256'] !== undefined || payloadHash(headers) !== undefined;
}

/** The hash of the payload as it was signed, where the signer knew it. */
function payloadHash(headers: IncomingHttpHeaders): string | undefined {
  const value = String(headers['x-amz-content-sha256'] ?? '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(value) ? value : undefined;
}

function checkedDigests(headers: IncomingHttpHeaders, md5: Hash, sha256: Hash) {
  const md5Digest = md5.digest();
  const sha256Digest = sha256.digest();
  const contentMd5 = headers['content-md5'];
  if (contentMd5 !== undefined && contentMd5 !== md5Digest.toString('base64')) {
    throw s3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const checksumSha256 = headers['x-amz-checksum-sha256'];
  if (checksumSha256 !== undefined && checksumSha256 !== sha256Digest.toString('base64')) {
    throw s3Error('BadDigest', 'The SHA256 you specified did not match the calculated checksum.');
  }
  const signed = payloadHash(headers);
  if (signed !== undefined && signed !== sha256Digest.toString('hex')) {
    throw s3Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  return { etag: md5Digest.toString('hex'), checksumSha256: checksumSha256 as string | undefined };
}
