import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ErrorCode, ForgeError, toForgeError } from '#domain/errors.ts';
import type { ApiEnv } from './api-env.ts';

/** The one table of code to HTTP status. Codes that are not in it never reach a client: they are a 500. */
const STATUS: Partial<Readonly<Record<ErrorCode, ContentfulStatusCode>>> = {
  MALFORMED_JSON: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  ASSET_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ASSET_EXISTS: 409,
  EVENT_PENDING: 409,
  NOT_RETRYABLE: 409,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_CONTENT_TYPE: 415,
  INVALID_REQUEST: 422,
  INVALID_FILE_NAME: 422,
  INVALID_METADATA: 422,
  UNKNOWN_MEDIA_TYPE: 422,
  SIZE_OUT_OF_RANGE: 422,
  STORE_UNAVAILABLE: 503,
  OBJECT_STORE_UNAVAILABLE: 503,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** When a client may try again, where it may. */
const RETRY_AFTER_SECONDS = 2;

/**
 * Any error as an answer of type `application/problem+json`. What was not thrown on purpose says nothing of itself.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9457
 */
export function problem(context: Context<ApiEnv>, error: unknown): Response {
  const forged = toForgeError(error);
  const status = STATUS[forged.code] ?? 500;
  const code = status === 500 ? 'INTERNAL' : forged.code;
  const body = {
    type: `urn:streamforge:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail: status === 500 ? 'something went wrong on our side' : forged.message,
    // Hono's own path is decoded, and so no URI reference.
    instance: new URL(context.req.url).pathname,
    code,
    traceId: context.get('trace').traceId,
    ...(forged.faults.length > 0 && { errors: forged.faults }),
  };
  context.header('content-type', 'application/problem+json');
  context.header('cache-control', 'no-store');
  if (status === 401) context.header('www-authenticate', 'Bearer');
  if (status === 503 || code === 'EVENT_PENDING')
    context.header('retry-after', String(RETRY_AFTER_SECONDS));
  return context.body(JSON.stringify(body), status);
}

/** A permanent error that is about the request. */
export function refusal(code: ErrorCode, detail: string): ForgeError {
  return new ForgeError(code, 'permanent', detail);
}

/** Throws a {@link refusal}. */
export function refuse(code: ErrorCode, detail: string): never {
  throw refusal(code, detail);
}
