import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import type { ClientApp } from '#app/app.ts';
import { toForgeError } from '#domain/errors.ts';
import type { ApiEnv } from './api-env.ts';
import { authenticate, type HashedKey } from './middleware/authenticate.ts';
import { type RequestNames, requestContext } from './middleware/request-context.ts';
import { problem, refusal, refuse } from './problem.ts';
import { health, type Readiness } from './routes/health.ts';
import { videos } from './routes/videos.ts';

export interface ApiDeps {
  readonly app: ClientApp;
  readonly names: RequestNames;
  readonly readiness: () => Promise<Readiness>;
  readonly apiKeys: readonly HashedKey[] | undefined;
  readonly onError: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly limits: { readonly requestBodyBytesMax: number };
}

/** The HTTP API: parse, call the app, map. */
export function createApi({ app, names, readiness, apiKeys, onError, limits }: ApiDeps) {
  const api = new Hono<ApiEnv>();
  api.onError((error, context) => {
    const answer = problem(context, error);
    // Who left before the answer is no fault of ours, whatever broke on the way out.
    if (answer.status < 500 || context.req.raw.signal.aborted) return answer;
    const { correlationId, trace } = context.var;
    const { code, message: detail, cause } = toForgeError(error);
    const reason = cause instanceof Error ? cause.stack : cause;
    const fields = { correlationId, traceId: trace.traceId, code, detail, status: answer.status };
    onError({ ...fields, cause: reason }, 'request failed');
    return answer;
  });
  api.use(requestContext(names));
  api.use(secureHeaders());
  api.use(
    methodNotAllowed({
      app: api,
      onMethodNotAllowed: (context, methods) => {
        const allowed = methods.join(', ');
        context.header('allow', allowed);
        const detail = `only ${allowed} can be asked for here`;
        return problem(context, refusal('METHOD_NOT_ALLOWED', detail));
      },
    }),
  );
  api.use(
    bodyLimit({
      maxSize: limits.requestBodyBytesMax,
      onError: () =>
        refuse('BODY_TOO_LARGE', `a body has at most ${limits.requestBodyBytesMax} bytes`),
    }),
  );
  const routes = api
    .route('/', health(readiness))
    .use('/api/*', authenticate(apiKeys))
    .route('/api/videos', videos(app));
  api.notFound((context) => problem(context, refusal('NOT_FOUND', 'there is nothing here')));
  return routes;
}
