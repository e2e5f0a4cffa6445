import { PutObjectCommand, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { PresignedRequest, PresignPut } from '#ports/object-store.ts';

const CHECKSUM_HEADER = 'x-amz-checksum-sha256';

/** By default only `host` is signed, and everything else a suggestion. */
const SIGNED_HEADERS = new Set(['host', 'content-type', 'content-length', 'if-none-match']);

/**
 * Signs a PUT of exactly these bytes, once.
 *
 * `content-length` is signed and not among `headers`: every client sends it by itself, from the bytes, and browsers
 * forbid to set it. The checksum stays a header (unhoisted), because in the query S3 would not hold the body against it.
 */
export async function presignPut(
  s3: S3Client,
  bucket: string,
  put: PresignPut,
): Promise<PresignedRequest> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: put.key,
    ContentType: put.contentType,
    ContentLength: put.size,
    IfNoneMatch: '*',
    ChecksumSHA256: put.checksumSha256,
  });
  const signed = signing(put.expiresSeconds);
  const url = await getSignedUrl(s3, command, {
    ...signed.options,
    signableHeaders: SIGNED_HEADERS,
    unhoistableHeaders: new Set([CHECKSUM_HEADER]),
  });
  const headers = {
    'content-type': put.contentType,
    'if-none-match': '*',
    ...(put.checksumSha256 !== undefined && { [CHECKSUM_HEADER]: put.checksumSha256 }),
  };
  return { method: 'PUT', url, headers, expiresAt: signed.expiresAt };
}

/** Signs the PUT of one part. Its length is free: what arrives is listed, and the whole is checked at the end. */
export async function presignPart(
  s3: S3Client,
  part: { readonly bucket: string; readonly key: string; readonly uploadId: string },
  partNumber: number,
  expiresSeconds: number,
): Promise<PresignedRequest> {
  const command = new UploadPartCommand({
    Bucket: part.bucket,
    Key: part.key,
    UploadId: part.uploadId,
    PartNumber: partNumber,
  });
  const signed = signing(expiresSeconds);
  const url = await getSignedUrl(s3, command, signed.options);
  return { method: 'PUT', url, headers: {}, expiresAt: signed.expiresAt };
}

/** Signatures know whole seconds, so `expiresAt` does too. */
function signing(expiresSeconds: number) {
  const signedAt = Math.floor(Date.now() / 1000) * 1000;
  return {
    options: { expiresIn: expiresSeconds, signingDate: new Date(signedAt) },
    expiresAt: signedAt + expiresSeconds * 1000,
  };
}
