import type { TraceContext } from '#domain/trace-context.ts';

/** What every request carries through Hono: set by middleware, read by routes. */
export interface ApiEnv {
  readonly Variables: {
    trace: TraceContext;
    correlationId: string;
    tenant: string;
  };
}
