import { Hono } from 'hono';
import type { ApiEnv } from '#api/api-env.ts';

/** What readiness depends on, by name, and whether it is well. */
export type Readiness = Readonly<Record<string, boolean>>;

/** For orchestrators: `/livez` says that the process answers, `/readyz` that it can do its work. */
export function health(readiness: () => Promise<Readiness>) {
  return new Hono<ApiEnv>()
    .get('/livez', (context) => context.json({ status: 'ok' }))
    .get('/readyz', async (context) => {
      const checks = await readiness();
      const ready = Object.values(checks).every(Boolean);
      return context.json({ status: ready ? 'ok' : 'unavailable', checks }, ready ? 200 : 503);
    });
}
