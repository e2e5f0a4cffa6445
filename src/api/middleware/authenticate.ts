import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from '#api/api-env.ts';
import { refuse } from '#api/problem.ts';

/** A hashed key and whose it is. */
export interface HashedKey {
  readonly tenant: string;
  /** SHA-256 of the key, lower-case hexadecimal. */
  readonly sha256: string;
}

/** The tenant of everybody where authentication is off. */
export const ANONYMOUS_TENANT = 'default';

/**
 * Finds the tenant of a bearer key; the tenant comes from nowhere else. Without keys everybody is the one tenant: the
 * environment allows that on loopback only.
 */
export function authenticate(keys: readonly HashedKey[] | undefined) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    context.set(
      'tenant',
      keys ? await tenantOf(keys, context.req.header('authorization')) : ANONYMOUS_TENANT,
    );
    await next();
  });
}

async function tenantOf(keys: readonly HashedKey[], authorization = ''): Promise<string> {
  const [, key = ''] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization) ?? [];
  const digest = await sha256Hex(key);
  // Every key is compared, in constant time, so that the answer's time tells nothing.
  const matches = keys.filter(({ sha256 }) => equalInConstantTime(sha256, digest));
  // No key is no key, even where somebody has hashed an empty one into the environment.
  const tenant = key === '' ? undefined : matches[0]?.tenant;
  return tenant ?? refuse('UNAUTHORIZED', 'a known API key is needed: Authorization: Bearer <key>');
}

async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= (a.charCodeAt(i) || 0) ^ b.charCodeAt(i);
  return difference === 0;
}
