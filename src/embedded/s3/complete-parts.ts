import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { StagedBlob } from './object-record.ts';
import { s3Error } from './s3-error.ts';
import type { Part } from './upload-files.ts';

/** The smallest part that is not the last. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const PART_BYTES_MIN = 5 * 1024 ** 2;

/** The parts that the client names, in its order, which must be ascending. */
export function chosenParts(body: unknown, arrived: readonly Part[]): readonly Part[] {
  const named = (body as { CompleteMultipartUpload?: { Part?: unknown } }).CompleteMultipartUpload
    ?.Part;
  if (!named) {
    throw s3Error('MalformedXML', 'The XML you provided did not name any part.');
  }
  const chosen = [named].flat().map((part) => {
    const { PartNumber, ETag } = part as { PartNumber?: unknown; ETag?: unknown };
    const etag = String(ETag).replaceAll('"', '');
    const found = arrived.find((one) => one.partNumber === Number(PartNumber) && one.etag === etag);
    if (found) return found;
    throw s3Error('InvalidPart', 'One or more of the specified parts could not be found.', {
      PartNumber: String(PartNumber),
      ETag: etag,
    });
  });
  refuseDisorder(chosen);
  return chosen;
}

function refuseDisorder(chosen: readonly Part[]): void {
  for (const [index, { partNumber, size }] of chosen.slice(0, -1).entries()) {
    if ((chosen[index + 1]?.partNumber ?? 0) <= partNumber) {
      throw s3Error('InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    if (size < PART_BYTES_MIN) {
      throw s3Error(
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed size',
        {
          PartNumber: partNumber,
          MinSizeAllowed: PART_BYTES_MIN,
          ProposedSize: size,
        },
      );
    }
  }
}

/** One file out of the parts. The ETag is S3's: a hash of their hashes, and how many they are. */
export async function joinParts(parts: readonly Part[], path: string): Promise<StagedBlob> {
  const hash = createHash('md5');
  try {
    await pipeline(async function* () {
      for (const part of parts) yield* createReadStream(part.path, { highWaterMark: 1024 ** 2 });
    }, createWriteStream(path));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  for (const { etag } of parts) hash.update(etag, 'hex');
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  return { path, size, etag: `${hash.digest('hex')}-${parts.length}` };
}
