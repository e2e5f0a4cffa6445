import type { Context } from 'hono';
import * as v from 'valibot';
import type { ApiEnv } from '#api/api-env.ts';
import { refuse } from '#api/problem.ts';
import { type FieldFault, ForgeError } from '#domain/errors.ts';

/**
 * The JSON body of a request, held against its schema.
 *
 * @throws ForgeError `UNSUPPORTED_CONTENT_TYPE`, `MALFORMED_JSON`, or `INVALID_REQUEST` with a pointer per fault (permanent).
 */
export async function jsonBody<const S extends v.GenericSchema>(
  context: Context<ApiEnv>,
  schema: S,
): Promise<v.InferOutput<S>> {
  const essence = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (essence !== 'application/json')
    refuse('UNSUPPORTED_CONTENT_TYPE', 'the body has to be application/json');
  const parsed = v.safeParse(schema, parseJson(await context.req.text()));
  if (parsed.success) return parsed.output;
  const faults = parsed.issues.map(toFault);
  throw new ForgeError(
    'INVALID_REQUEST',
    'permanent',
    'the request does not have the shape it should',
    { faults },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse('MALFORMED_JSON', 'the body is not JSON');
  }
}

function toFault(issue: v.BaseIssue<unknown>): FieldFault {
  const path = (issue.path ?? []).map(({ key }) =>
    String(key).replaceAll('~', '~0').replaceAll('/', '~1'),
  );
  return { pointer: path.map((name) => `/${name}`).join(''), detail: issue.message };
}
