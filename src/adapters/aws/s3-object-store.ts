import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type {
  ObjectHead,
  ObjectStore,
  PresignedRequest,
  PresignPut,
  UploadedPart,
} from '#ports/object-store.ts';
import { callS3 as call, S3_OUTAGE, unlessGone } from './call-s3.ts';
import type { AwsClients, AwsTimeouts } from './clients.ts';
import { pinnedGet, rangeBytes } from './pinned-get.ts';
import { presignPart, presignPut } from './presign.ts';
import { readBody, readBytes } from './read-body.ts';
import { listKeys, listParts } from './s3-pages.ts';
import { vendorError } from './vendor-error.ts';

/** What the store needs besides its clients. */
export interface S3ObjectStoreOptions {
  readonly bucket: string;
  readonly timeouts: Pick<AwsTimeouts, 'requestMs' | 'completeMultipartMs' | 'bodyIdleMs'>;
  /** Keys of one page of a list: at most, and unless told otherwise, S3's maximum. */
  readonly keysPerPage?: number;
}

/** The slowest upload of ours that passes for alive: 1 MiB/s, far below any S3 in the same region. */
const PUT_BYTES_PER_MS_MIN = 1024;

/** S3's maximum, and its default. */
const KEYS_PER_PAGE = 1000;

/** The checksum of the object, which that of a multipart upload is not: it is one of checksums, and says how many. */
function checksumOf({ ChecksumSHA256: sum, ChecksumType: type }: HeadObjectCommandOutput) {
  return !sum || sum.includes('-') || type === 'COMPOSITE' ? {} : { checksumSha256: sum };
}

/** Objects in one S3 bucket. */
export class S3ObjectStore implements ObjectStore {
  readonly #s3: S3Client;
  readonly #s3Presign: S3Client;
  readonly #bucket: string;
  readonly #timeouts: S3ObjectStoreOptions['timeouts'];
  readonly #keysPerPage: number;

  constructor(clients: Pick<AwsClients, 's3' | 's3Presign'>, options: S3ObjectStoreOptions) {
    this.#s3 = clients.s3;
    this.#s3Presign = clients.s3Presign;
    this.#bucket = options.bucket;
    this.#timeouts = options.timeouts;
    this.#keysPerPage = options.keysPerPage ?? KEYS_PER_PAGE;
  }

  presignPut(put: PresignPut): Promise<PresignedRequest> {
    return call(undefined, () => presignPut(this.#s3Presign, this.#bucket, put));
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | null> {
    const command = new HeadObjectCommand({ ...this.#at(key), ChecksumMode: 'ENABLED' });
    const found = await unlessGone(signal, (options) => this.#s3.send(command, options));
    if (!found) return null;
    return {
      size: found.ContentLength ?? 0,
      etag: found.ETag ?? '',
      contentType: found.ContentType ?? null,
      ...checksumOf(found),
    };
  }

  readRange(
    key: string,
    { etag, start, end }: { etag: string; start: number; end: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    return call(signal, async () => {
      const range = `bytes=${start}-${end}`;
      const got = await pinnedGet(this.#s3, { ...this.#at(key), etag, range }, signal);
      // Nothing is there to be read, where the object ends before the range begins.
      if (!got) return new Uint8Array();
      const bytesExpected = rangeBytes(got, start, end);
      return await readBytes(got.Body, bytesExpected, this.#bounds(signal));
    });
  }

  async *stream(key: string, etag: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    try {
      const got = await pinnedGet(this.#s3, { ...this.#at(key), etag }, signal);
      if (got) yield* readBody(got.Body, this.#bounds(signal));
    } catch (error) {
      throw vendorError(error, S3_OUTAGE, signal);
    }
  }

  async put(
    key: string,
    body: Uint8Array,
    contentType: string,
    signal?: AbortSignal,
  ): Promise<void> {
    const command = new PutObjectCommand({
      ...this.#at(key),
      Body: body,
      ContentLength: body.length,
      ContentType: contentType,
    });
    const requestTimeout = this.#timeouts.bodyIdleMs + body.length / PUT_BYTES_PER_MS_MIN;
    await call(signal, (options) => this.#s3.send(command, { ...options, requestTimeout }));
  }

  async remove(key: string, signal?: AbortSignal): Promise<void> {
    const command = new DeleteObjectCommand(this.#at(key));
    await call(signal, (options) => this.#s3.send(command, options));
  }

  list(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    const of = { bucket: this.#bucket, prefix, keysPerPage: this.#keysPerPage };
    return listKeys(this.#s3, of, signal);
  }

  async createMultipart(key: string, contentType: string, signal?: AbortSignal): Promise<string> {
    const command = new CreateMultipartUploadCommand({
      ...this.#at(key),
      ContentType: contentType,
    });
    const { UploadId } = await call(signal, (options) => this.#s3.send(command, options));
    return UploadId ?? '';
  }

  presignPart(
    key: string,
    uploadId: string,
    partNumber: number,
    expiresSeconds: number,
  ): Promise<PresignedRequest> {
    const part = { bucket: this.#bucket, key, uploadId };
    return call(undefined, () => presignPart(this.#s3Presign, part, partNumber, expiresSeconds));
  }

  listParts(key: string, uploadId: string, signal?: AbortSignal): Promise<readonly UploadedPart[]> {
    return listParts(this.#s3, { ...this.#at(key), UploadId: uploadId }, signal);
  }

  async completeMultipart(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    signal?: AbortSignal,
  ): Promise<void> {
    const command = new CompleteMultipartUploadCommand({
      ...this.#at(key),
      UploadId: uploadId,
      IfNoneMatch: '*',
      MultipartUpload: {
        Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })),
      },
    });
    const requestTimeout = this.#timeouts.completeMultipartMs;
    await call(signal, (options) => this.#s3.send(command, { ...options, requestTimeout }));
  }

  async abortMultipart(key: string, uploadId: string, signal?: AbortSignal): Promise<void> {
    const command = new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId });
    await unlessGone(signal, (options) => this.#s3.send(command, options));
  }

  #at(key: string) {
    return { Bucket: this.#bucket, Key: key };
  }

  #bounds(signal: AbortSignal | undefined) {
    return { idleMs: this.#timeouts.bodyIdleMs, signal };
  }
}
