import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  ListPartsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { UploadedPart } from '#ports/object-store.ts';
import { callS3, unlessGone } from './call-s3.ts';

/** S3's maximum, and its default. */
const PARTS_PER_PAGE = 1000;

/** The keys that begin with a prefix, page by page: the next is asked for when the one before is used up. */
export async function* listKeys(
  s3: S3Client,
  { bucket, prefix, keysPerPage }: { bucket: string; prefix: string; keysPerPage: number },
  signal: AbortSignal | undefined,
): AsyncIterable<string> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      MaxKeys: keysPerPage,
      ContinuationToken: token,
    });
    const page: ListObjectsV2CommandOutput = await callS3(signal, (options) =>
      s3.send(command, options),
    );
    for (const { Key } of page.Contents ?? []) {
      if (Key !== undefined) yield Key;
      signal?.throwIfAborted();
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Every part of an upload that has arrived; none where the upload is unknown. */
export async function listParts(
  s3: S3Client,
  { Bucket, Key, UploadId }: { Bucket: string; Key: string; UploadId: string },
  signal: AbortSignal | undefined,
): Promise<readonly UploadedPart[]> {
  const parts: UploadedPart[] = [];
  let marker: string | undefined = '0';
  while (marker !== undefined) {
    const command: ListPartsCommand = new ListPartsCommand({
      Bucket,
      Key,
      UploadId,
      MaxParts: PARTS_PER_PAGE,
      PartNumberMarker: marker,
    });
    const page = await unlessGone(signal, (options) => s3.send(command, options));
    for (const { PartNumber = 0, ETag = '', Size = 0 } of page?.Parts ?? []) {
      parts.push({ partNumber: PartNumber, etag: ETag, size: Size });
    }
    marker = page?.IsTruncated ? page.NextPartNumberMarker : undefined;
  }
  return parts;
}
