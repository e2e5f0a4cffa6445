const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
const ALL_ZERO = /^0+$/;

/** The ids of one span in one trace, in lower-case hexadecimal. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * The trace a `traceparent` names, or null where it is malformed.
 *
 * Source: https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function parseTraceparent(text: string): TraceContext | null {
  const [, traceId = '', spanId = ''] = TRACEPARENT.exec(text) ?? [];
  const valid = traceId !== '' && !ALL_ZERO.test(traceId) && !ALL_ZERO.test(spanId);
  return valid ? { traceId, spanId } : null;
}

/** The `traceparent` of a span, marked as sampled. */
export function formatTraceparent({ traceId, spanId }: TraceContext): string {
  return `00-${traceId}-${spanId}-01`;
}

/** The trace id inside a stored `traceparent`; empty where there is none. */
export function traceIdOf(traceparent: string): string {
  return parseTraceparent(traceparent)?.traceId ?? '';
}
