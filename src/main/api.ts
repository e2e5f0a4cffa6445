import { LIMITS } from '#config/limits.ts';
import { boot } from './boot.ts';
import { runMain, untilSignal } from './run-main.ts';
import { serveApi } from './serve-api.ts';
import { wireApi } from './wire.ts';

/** `npm run api`: the HTTP API alone, configured by the environment. */
async function main(): Promise<void> {
  const { env, ports } = await boot('api', 'streamforge-api');
  const { log } = ports;
  const signal = untilSignal();
  const serving = await serveApi(wireApi(ports, env), {
    host: env.HOST,
    port: env.PORT,
    requestTimeoutMs: LIMITS.apiRequestTimeoutMs,
  });
  if (!env.API_KEYS) log.warn({ host: env.HOST }, 'authentication is off: API_KEYS is not set');
  log.info({ url: serving.url }, 'api is listening');
  await signal;
  await serving.close();
  ports.close();
  log.info({}, 'stopped');
}

await runMain(main);
