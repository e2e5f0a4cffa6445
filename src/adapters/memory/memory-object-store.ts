import { createHash, randomUUID } from 'node:crypto';
import { ForgeError } from '#domain/errors.ts';
import type { Clock } from '#ports/clock.ts';
import type {
  ObjectHead,
  ObjectStore,
  PresignedRequest,
  PresignPut,
  UploadedPart,
} from '#ports/object-store.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly contentType: string;
  readonly checksumSha256?: string;
}

interface Upload {
  readonly key: string;
  readonly contentType: string;
  readonly parts: Map<number, Stored>;
}

/** What a presigned URL allows; answers with an HTTP status. */
type Grant = (headers: Readonly<Record<string, string>>, bytes: Uint8Array) => number;

const STREAM_CHUNK_BYTES = 64 * 1024;

const SYSTEM_CLOCK: Clock = { now: () => Date.now() };

/** Objects in a map. Presigned URLs say `memory://`, and {@link MemoryObjectStore.send} is who understands them. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, Stored>();
  readonly #uploads = new Map<string, Upload>();
  readonly #grants = new Map<string, Grant>();
  readonly #clock: Clock;

  constructor({ clock = SYSTEM_CLOCK }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  /** Does what an HTTP client would with a presigned request, and answers with the status S3 would. */
  send(request: PresignedRequest, bytes: Uint8Array, headers = request.headers): number {
    const grant = this.#grants.get(request.url);
    if (!grant || this.#clock.now() > request.expiresAt) return 403;
    return grant(headers, bytes);
  }

  async presignPut(put: PresignPut): Promise<PresignedRequest> {
    const headers = {
      'content-type': put.contentType,
      'if-none-match': '*',
      ...(put.checksumSha256 !== undefined && { 'x-amz-checksum-sha256': put.checksumSha256 }),
    };
    return this.#presign(put.key, put.expiresSeconds, headers, (sent, bytes) => {
      const asSigned = Object.entries(headers).every(([name, value]) => sent[name] === value);
      if (!asSigned || bytes.length !== put.size) return 403;
      if (put.checksumSha256 !== undefined && put.checksumSha256 !== sha256(bytes)) return 400;
      if (this.#objects.has(put.key)) return 412;
      const { checksumSha256 } = put;
      this.#objects.set(put.key, {
        ...stored(bytes, put.contentType),
        ...(checksumSha256 !== undefined && { checksumSha256 }),
      });
      return 200;
    });
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | null> {
    signal?.throwIfAborted();
    const object = this.#objects.get(key);
    if (!object) return null;
    const { bytes, ...said } = object;
    return { size: bytes.length, ...said };
  }

  async readRange(
    key: string,
    { etag, start, end }: { etag: string; start: number; end: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    signal?.throwIfAborted();
    return this.#pinned(key, etag).slice(start, end + 1);
  }

  async *stream(key: string, etag: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    signal?.throwIfAborted();
    const bytes = this.#pinned(key, etag);
    for (let at = 0; at < bytes.length; at += STREAM_CHUNK_BYTES) {
      yield bytes.slice(at, at + STREAM_CHUNK_BYTES);
      signal?.throwIfAborted();
    }
  }

  async put(
    key: string,
    body: Uint8Array,
    contentType: string,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    this.#objects.set(key, stored(body, contentType));
  }

  async remove(key: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#objects.delete(key);
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<string> {
    signal?.throwIfAborted();
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix));
    for (const key of keys.sort(byBytes)) {
      yield key;
      signal?.throwIfAborted();
    }
  }

  async createMultipart(key: string, contentType: string, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    const uploadId = randomUUID();
    this.#uploads.set(uploadId, { key, contentType, parts: new Map() });
    return uploadId;
  }

  async presignPart(
    key: string,
    uploadId: string,
    partNumber: number,
    expiresSeconds: number,
  ): Promise<PresignedRequest> {
    return this.#presign(key, expiresSeconds, {}, (_headers, bytes) => {
      const upload = this.#uploads.get(uploadId);
      if (!upload) return 404;
      upload.parts.set(partNumber, stored(bytes, upload.contentType));
      return 200;
    });
  }

  async listParts(
    _key: string,
    uploadId: string,
    signal?: AbortSignal,
  ): Promise<readonly UploadedPart[]> {
    signal?.throwIfAborted();
    return [...(this.#uploads.get(uploadId)?.parts ?? [])]
      .map(([partNumber, { etag, bytes }]) => ({ partNumber, etag, size: bytes.length }))
      .sort((a, b) => a.partNumber - b.partNumber);
  }

  async completeMultipart(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    const upload = this.#uploads.get(uploadId);
    if (!upload)
      throw new ForgeError('SOURCE_GONE', 'permanent', 'there is no such multipart upload');
    if (this.#objects.has(key)) throw changed();
    const chunks = parts.map(({ partNumber, etag }) => {
      const part = upload.parts.get(partNumber);
      if (part?.etag !== etag) throw changed();
      return part.bytes;
    });
    this.#objects.set(key, stored(Buffer.concat(chunks), upload.contentType));
    this.#uploads.delete(uploadId);
  }

  async abortMultipart(_key: string, uploadId: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#uploads.delete(uploadId);
  }

  #pinned(key: string, etag: string): Uint8Array {
    const object = this.#objects.get(key);
    if (!object) throw new ForgeError('SOURCE_GONE', 'permanent', 'the object is gone');
    if (object.etag !== etag) throw changed();
    return object.bytes;
  }

  #presign(
    key: string,
    expiresSeconds: number,
    headers: Readonly<Record<string, string>>,
    grant: Grant,
  ): PresignedRequest {
    const url = `memory://objects/${encodeURI(key)}?grant=${randomUUID()}`;
    this.#grants.set(url, grant);
    return { method: 'PUT', url, headers, expiresAt: this.#clock.now() + expiresSeconds * 1000 };
  }
}

const changed = () =>
  new ForgeError('SOURCE_CHANGED', 'permanent', 'another object is in its place');

/** S3 sorts by the bytes of UTF-8, JavaScript by UTF-16 units. */
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');

function stored(bytes: Uint8Array, contentType: string): Stored {
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  return { bytes: bytes.slice(), etag, contentType };
}
