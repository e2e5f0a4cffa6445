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
  /** Opaque: kept, handed back, never looked into. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
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
  if (
    fileName.trim() === '' ||
    fileName.length > bounds.fileNameCharsMax ||
    HIDDEN.test(fileName)
  ) {
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
  if (metadata && !isStorable(metadata, bounds.clientMetadataBytesMax)) {
    const detail = `client metadata has at most ${bounds.clientMetadataBytesMax} bytes as JSON, ${METADATA_DEPTH_MAX} levels and finite numbers`;
    return refuse('INVALID_METADATA', { pointer: '/metadata', detail });
  }
  const known = mediaTypeOf(request.contentType);
  if (known) return known;
  const detail = `'${request.contentType}' is not a media type StreamForge reads`;
  return refuse('UNKNOWN_MEDIA_TYPE', { pointer: '/contentType', detail });
}

/** Below DynamoDB's 32 levels of nesting, with room for the row around it. */
const METADATA_DEPTH_MAX = 16;

function isStorable(metadata: unknown, bytesMax: number): boolean {
  // Depth first: writing JSON of any depth would overflow the stack.
  if (!isPlain(metadata, METADATA_DEPTH_MAX)) return false;
  return new TextEncoder().encode(JSON.stringify(metadata)).length <= bytesMax;
}

/** JSON may hold `1e999`, which becomes an infinity that no store takes. */
function isPlain(value: unknown, levels: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isPlain(each, levels - 1));
}
