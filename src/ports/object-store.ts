import type { EpochMs } from '#domain/time.ts';

/** What HEAD says of an object. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number;
  /** As the store spells it, quotes included. */
  readonly etag: string;
  readonly contentType: string | null;
  /** Base64, of all the bytes; absent where the store has none. One of parts put together is none. */
  readonly checksumSha256?: string;
}

/** One part of a multipart upload that has arrived. */
export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
  readonly size: number;
}

/** What a client needs to send bytes: exactly these headers, before it expires. */
export interface PresignedRequest {
  readonly method: 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: EpochMs;
}

/** What a presigned PUT binds; anything else the client sends is refused by the store. */
export interface PresignPut {
  readonly key: string;
  readonly contentType: string;
  readonly size: number;
  /** Base64. */
  readonly checksumSha256?: string | undefined;
  readonly expiresSeconds: number;
}

/**
 * Where the bytes are. Object keys are opaque here.
 *
 * Presigning is local: no call. A presigned PUT binds length, type, no-overwrite and, when given, the checksum, and is
 * signed for the endpoint that clients reach.
 * Reads are pinned: a range is of the object with that ETag, or it is an error, also when the object changes midway.
 * PUT is atomic: an object is whole or absent. Deleting what is not there succeeds. Lists are as the
 * store is now. Multipart uploads become visible
 * when completed; completing does not overwrite.
 * Cancellation: an aborted call or stream rejects soon with the signal's reason and frees its connection.
 * Errors: ForgeError `SOURCE_GONE` and `SOURCE_CHANGED` (permanent) from reads, `OBJECT_STORE_UNAVAILABLE` (transient),
 * `ACCESS_DENIED` (transient).
 */
export interface ObjectStore {
  presignPut(request: PresignPut): Promise<PresignedRequest>;
  /** Null where there is no such object. */
  head(key: string, signal?: AbortSignal): Promise<ObjectHead | null>;
  /** Bytes `start` to `end`, both included, of the object with that ETag. Shorter only where the object ends. */
  readRange(
    key: string,
    range: { etag: string; start: number; end: number },
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
  /** The whole object with that ETag, in order, as it comes. */
  stream(key: string, etag: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  put(key: string, body: Uint8Array, contentType: string, signal?: AbortSignal): Promise<void>;
  remove(key: string, signal?: AbortSignal): Promise<void>;
  /**
   * The keys that begin with the prefix, each once, in the order of their bytes; asked for a page at a time, so that only
   * one is ever held. What is put or removed meanwhile may be in it or not; removing what was listed disturbs nothing.
   */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<string>;
  createMultipart(key: string, contentType: string, signal?: AbortSignal): Promise<string>;
  presignPart(
    key: string,
    uploadId: string,
    partNumber: number,
    expiresSeconds: number,
  ): Promise<PresignedRequest>;
  /** Every part that has arrived, by number. Empty where the upload is unknown. */
  listParts(key: string, uploadId: string, signal?: AbortSignal): Promise<readonly UploadedPart[]>;
  completeMultipart(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    signal?: AbortSignal,
  ): Promise<void>;
  abortMultipart(key: string, uploadId: string, signal?: AbortSignal): Promise<void>;
}
