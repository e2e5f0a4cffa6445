/**
 * Who is at fault, and so what happens next: `transient` is tried again, `permanent` never is,
 * `conflict` means somebody else got there first.
 */
export type ErrorKind = 'transient' | 'permanent' | 'conflict';

/** Codes of what can be wrong with an upload request. */
export const REQUEST_CODES = [
  'MALFORMED_JSON',
  'INVALID_REQUEST',
  'INVALID_FILE_NAME',
  'INVALID_METADATA',
  'UNKNOWN_MEDIA_TYPE',
  'SIZE_OUT_OF_RANGE',
  'UNSUPPORTED_CONTENT_TYPE',
  'BODY_TOO_LARGE',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'ASSET_NOT_FOUND',
  'ASSET_EXISTS',
  'EVENT_PENDING',
  'NOT_RETRYABLE',
] as const;

/** Codes of what can be wrong with the uploaded bytes. They end an asset as `FAILED`. */
export const MEDIA_CODES = [
  'SOURCE_GONE',
  'SOURCE_CHANGED',
  'EMPTY_OBJECT',
  'SIZE_MISMATCH',
  'TYPE_MISMATCH',
  'UNSUPPORTED_CONTAINER',
  'CORRUPT_MEDIA',
  'NO_VIDEO_STREAM',
  'NO_AUDIO_STREAM',
  'IMAGE_TOO_LARGE',
  'MEDIA_TOO_COMPLEX',
  'PROBE_TIMEOUT',
  'PROBE_BUDGET_EXCEEDED',
  'RETRIES_EXHAUSTED',
  'JOB_TOO_LONG',
  'CHECKSUM_MISMATCH',
] as const;

/** Codes of what can be wrong with a message: it goes to the dead-letter queue with one of them. */
export const MESSAGE_CODES = ['MALFORMED_MESSAGE', 'UNKNOWN_OBJECT'] as const;

/** Codes of what can be wrong around us. */
export const SYSTEM_CODES = [
  'STORE_UNAVAILABLE',
  'OBJECT_STORE_UNAVAILABLE',
  'QUEUE_UNAVAILABLE',
  'EVENT_BUS_UNAVAILABLE',
  'LOCK_UNAVAILABLE',
  'CACHE_UNAVAILABLE',
  'PROBE_UNAVAILABLE',
  'ACCESS_DENIED',
  'LEASE_LOST',
  'JOB_TIMEOUT',
  'ABORTED',
  'INVALID_CONFIG',
  'PORT_IN_USE',
  'DATA_DIR_IN_USE',
  'NOT_SET_UP',
  'INTERNAL',
] as const;

/** Every stable code. They are API: append, never rename. */
export type ErrorCode =
  | (typeof REQUEST_CODES)[number]
  | (typeof MEDIA_CODES)[number]
  | (typeof MESSAGE_CODES)[number]
  | (typeof SYSTEM_CODES)[number];

/** One thing wrong with one field; `pointer` is a JSON pointer into the request (RFC 6901). */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

/** Everything StreamForge throws on purpose. The message is safe to show to the caller. */
export class ForgeError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly faults: readonly FieldFault[];

  constructor(
    code: ErrorCode,
    kind: ErrorKind,
    message: string,
    options: { readonly cause?: unknown; readonly faults?: readonly FieldFault[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ForgeError';
    this.code = code;
    this.kind = kind;
    this.faults = options.faults ?? [];
  }
}

/** The same error as a ForgeError: what was not thrown on purpose is `INTERNAL`, and transient. */
export function toForgeError(error: unknown): ForgeError {
  if (error instanceof ForgeError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ForgeError('INTERNAL', 'transient', detail, { cause: error });
}
