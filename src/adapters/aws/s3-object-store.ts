import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ForgeError } from '#domain/errors.ts';
import type {
  ObjectHead,
  ObjectStore,
  PresignedRequest,
  PresignPut,
  UploadedPart,
} from '#ports/object-store.ts';
import { callerOf, callOptions, type Send } from './call-aws.ts';
import type { AwsClients, AwsTimeouts } from './clients.ts';
import { presignPart, presignPut } from './presign.ts';
import { readBody, readBytes } from './read-body.ts';
import { vendorError } from './vendor-error.ts';

/** What the store needs besides its clients. */
export interface S3ObjectStoreOptions {
  readonly bucket: string;
  readonly timeouts: Pick<AwsTimeouts, 'requestMs' | 'completeMultipartMs' | 'bodyIdleMs'>;
}

/** The slowest upload of ours that passes for alive: 1 MiB/s, far below any S3 in the same region. */
const PUT_BYTES_PER_MS_MIN = 1024;

/** S3's maximum, and its default. */
const PARTS_PER_PAGE = 1000;

const OUTAGE = 'OBJECT_STORE_UNAVAILABLE';

const call = callerOf(OUTAGE);

/** Objects in one S3 bucket. */
export class S3ObjectStore implements ObjectStore {
  readonly #s3: S3Client;
  readonly #s3Presign: S3Client;
  readonly #bucket: string;
  readonly #timeouts: S3ObjectStoreOptions['timeouts'];

  constructor(clients: Pick<AwsClients, 's3' | 's3Presign'>, options: S3ObjectStoreOptions) {
    this.#s3 = clients.s3;
    this.#s3Presign = clients.s3Presign;
    this.#bucket = options.bucket;
    this.#timeouts = options.timeouts;
  }

  presignPut(put: PresignPut): Promise<PresignedRequest> {
    return call(undefined, () => presignPut(this.#s3Presign, this.#bucket, put));
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | null> {
    const command = new HeadObjectCommand(this.#at(key));
    const found = await unlessGone(signal, (options) => this.#s3.send(command, options));
    if (!found) return null;
    return {
      size: found.ContentLength ?? 0,
      etag: found.ETag ?? '',
      contentType: found.ContentType ?? null,
    };
  }

  readRange(
    key: string,
    { etag, start, end }: { etag: string; start: number; end: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    return call(signal, async () => {
      const got = await this.#get(key, etag, signal, `bytes=${start}-${end}`);
      // Nothing is there to be read, where the object ends before the range begins.
      if (!got) return new Uint8Array();
      const bytesExpected = rangeBytes(got, start, end);
      return await readBytes(got.Body, bytesExpected, this.#bounds(signal));
    });
  }

  async *stream(key: string, etag: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    try {
      const got = await this.#get(key, etag, signal);
      if (got) yield* readBody(got.Body, this.#bounds(signal));
    } catch (error) {
      throw vendorError(error, OUTAGE, signal);
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

  async listParts(
    key: string,
    uploadId: string,
    signal?: AbortSignal,
  ): Promise<readonly UploadedPart[]> {
    const parts: UploadedPart[] = [];
    let marker: string | undefined = '0';
    while (marker !== undefined) {
      const command: ListPartsCommand = new ListPartsCommand({
        ...this.#at(key),
        UploadId: uploadId,
        MaxParts: PARTS_PER_PAGE,
        PartNumberMarker: marker,
      });
      const page = await unlessGone(signal, (options) => this.#s3.send(command, options));
      for (const { PartNumber = 0, ETag = '', Size = 0 } of page?.Parts ?? []) {
        parts.push({ partNumber: PartNumber, etag: ETag, size: Size });
      }
      marker = page?.IsTruncated ? page.NextPartNumberMarker : undefined;
    }
    return parts;
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

  /** A pinned GET, not yet read; null where the range begins past the end. */
  async #get(
    key: string,
    etag: string,
    signal: AbortSignal | undefined,
    range?: string,
  ): Promise<GetObjectCommandOutput | null> {
    const command = new GetObjectCommand({
      ...this.#at(key),
      IfMatch: etag,
      ...(range !== undefined && { Range: range }),
    });
    try {
      const got = await this.#s3.send(command, callOptions(signal));
      // A store that ignores If-Match must not get away with it.
      if (got.ETag === etag) return got;
      discard(got);
    } catch (error) {
      if (error instanceof Error && error.name === 'InvalidRange') return null;
      throw error;
    }
    throw new ForgeError('SOURCE_CHANGED', 'permanent', 'another object is in its place');
  }

  #at(key: string) {
    return { Bucket: this.#bucket, Key: key };
  }

  #bounds(signal: AbortSignal | undefined) {
    return { idleMs: this.#timeouts.bodyIdleMs, signal };
  }
}

/** The call's answer, or null where there is no such object or upload. */
async function unlessGone<T>(signal: AbortSignal | undefined, send: Send<T>): Promise<T | null> {
  try {
    return await call(signal, send);
  } catch (error) {
    if (error instanceof ForgeError && error.code === 'SOURCE_GONE') return null;
    throw error;
  }
}

/** Ends a response that nobody will read, and with it its connection. */
function discard({ Body }: GetObjectCommandOutput): void {
  if (Body && 'destroy' in Body) Body.destroy();
}

const CONTENT_RANGE = /^bytes (\d+)-(\d+)\/(\d+)$/;

/** How many bytes the answer holds, if it is the range that was asked for: some stores send another, or everything. */
function rangeBytes(got: GetObjectCommandOutput, start: number, end: number): number {
  const [, first, last, size] = (CONTENT_RANGE.exec(got.ContentRange ?? '') ?? []).map(Number);
  if (size !== undefined && first === start && last === Math.min(end, size - 1)) {
    return last - first + 1;
  }
  discard(got);
  const text = 'the object store has sent another range than it was asked for';
  throw new ForgeError(OUTAGE, 'transient', text);
}
