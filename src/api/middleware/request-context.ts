import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from '#api/api-env.ts';
import { formatTraceparent, parseTraceparent } from '#domain/trace-context.ts';

/** Names for requests that bring none. */
export interface RequestNames {
  readonly uuid: () => string;
  /** Random lower-case hexadecimal. */
  readonly hex: (bytes: number) => string;
}

/** What a correlation id may look like, so that it can go into logs, attributes and headers as it is. */
const CLEAN = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Puts every request into a trace and under a correlation id: the caller's where they are well formed, else new ones.
 * Both go back in the answer.
 */
export function requestContext({ uuid, hex }: RequestNames) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const traceId = parseTraceparent(context.req.header('traceparent') ?? '')?.traceId ?? hex(16);
    const trace = { traceId, spanId: hex(8) };
    const given = context.req.header('x-correlation-id') ?? '';
    const correlationId = CLEAN.test(given) ? given : uuid();
    context.set('trace', trace);
    context.set('correlationId', correlationId);
    context.header('x-correlation-id', correlationId);
    context.header('traceparent', formatTraceparent(trace));
    await next();
  });
}
