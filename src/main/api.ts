import { LIMITS } from '#config/limits.ts';
import { toForgeError } from '#domain/errors.ts';
import { bootProcess } from './boot.ts';
import type { Ports } from './ports.ts';
import { type Life, runProcess } from './run-process.ts';
import { serveApi } from './serve-api.ts';
import { wireApi } from './wire.ts';
import { within } from './within.ts';

/** `npm run api`: the HTTP API alone, configured by the environment. */
async function main({ asked, bequeath }: Life): Promise<void> {
  const { env, ports } = await bootProcess('api', 'streamforge-api');
  const { log } = ports;
  bequeath({ log });
  const serving = await serveApi(wireApi(ports, env), {
    host: env.HOST,
    port: env.PORT,
    requestTimeoutMs: LIMITS.apiRequestTimeoutMs,
  });
  if (!env.API_KEYS) log.warn({ host: env.HOST }, 'authentication is off: API_KEYS is not set');
  log.info({ url: serving.url }, 'api is listening');
  await Promise.race([asked, failedSetUp(ports)]);
  // A client that takes its time does not keep the process beyond its grace.
  await within(LIMITS.drainMs, serving.close());
  ports.close();
  log.info({}, 'stopped');
}

/** Rejects where AWS answers and is not set up, so that nobody waits. One that does not answer yet may come up later. */
async function failedSetUp({ lookUp, log }: Pick<Ports, 'lookUp' | 'log'>): Promise<never> {
  try {
    await lookUp();
  } catch (error) {
    const { kind, code, message: reason } = toForgeError(error);
    if (kind !== 'transient') throw error;
    log.warn({ code, reason }, 'AWS cannot be used yet');
  }
  return new Promise<never>(() => {});
}

await runProcess(main);
