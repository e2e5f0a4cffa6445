import { type ErrorCode, type FieldFault, ForgeError } from './errors.ts';
import { type MediaType, mediaTypeOf } from './media-types.ts';

/** What a client says of a file before it sends it. */
export interface UploadRequest {
  readonly fileName: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** Base64 of the SHA-256 of the bytes. */
  readonly checksumSha256?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** The bounds of an upload request. */
export interface UploadBounds {
  readonly fileNameCharsMax: number;
  readonly uploadBytesMax: number;
  readonly clientMetadataBytesMax: number;
}

/** `\p{C}`: control, format, surrogate, private use and unassigned characters. Emoji joiners are format characters, and welcome. */
const HIDDEN = /(?!\u200d)\p{C}/u;
const SHA256_BASE64 = /^[A-Za-z0-9+/]{43}=$/;

const refuse = (code: ErrorCode, faults: FieldFault): never => {
  throw new ForgeError(code, 'permanent', faults.detail, { faults: [faults] });
};

/**
 * The media type of a request that may be uploaded.
 *
 * @throws ForgeError `INVALID_FILE_NAME`, `UNKNOWN_MEDIA_TYPE`, `SIZE_OUT_OF_RANGE`, `INVALID_REQUEST` or `INVALID_METADATA`
 * (permanent), with the field it is about.
 */
export function checkUpload(request: UploadRequest, bounds: UploadBounds): MediaType {
  const { fileName, size, checksumSha256, metadata } = request;
  if (fileName.trim() === '' || fileName.length > bounds.fileNameCharsMax || HIDDEN.test(fileName)) {
    const detail = `a file name has 1 to ${bounds.fileNameCharsMax} characters, none of them a control character`;
    return refuse('INVALID_FILE_NAME', { pointer: '/fileName', detail });
  }
  if (!Number.isSafeInteger(size) || size < 1 || size > bounds.uploadBytesMax) {
    const detail = `a file has 1 to ${bounds.uploadBytesMax} bytes`;
    return refuse('SIZE_OUT_OF_RANGE', { pointer: '/size', detail });
  }
  if (checksumSha256 !== undefined && !SHA256_BASE64.test(checksumSha256)) {
    const detail = 'a SHA-256 checksum is 32 bytes in base64';
    return refuse('INVALID_REQUEST', { pointer: '/checksumSha256', detail });
  }
  if (metadata && JSON.stringify(metadata).length > bounds.clientMetadataBytesMax) {
    const detail = `client metadata has at most ${bounds.clientMetadataBytesMax} bytes as JSON`;
    return refuse('INVALID_METADATA', { pointer: '/metadata', detail });
  }
  const known = mediaTypeOf(request.contentType);
  if (known) return known;
  const detail = `'${request.contentType}' is not a media type StreamForge reads`;
  return refuse('UNKNOWN_MEDIA_TYPE', { pointer: '/contentType', detail });
}
