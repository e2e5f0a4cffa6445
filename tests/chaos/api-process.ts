/**
 * The API as `npm run api` starts it, but for one thing: an upload whose event was lost is looked for after seconds, not
 * after the hours that its URL is good for.
 */
import { LIMITS } from '#config/limits.ts';
import { boot } from '#main/boot.ts';
import { runMain, untilSignal } from '#main/run-main.ts';
import { serveApi } from '#main/serve-api.ts';
import { wireApi } from '#main/wire.ts';

const UPLOAD_URL_EXPIRY_SECONDS = 15;
const UPLOAD_GRACE_SECONDS = 5;

async function main(): Promise<void> {
  const { env, ports } = await boot('api', 'streamforge-api');
  const limits = {
    ...LIMITS,
    uploadUrlExpirySeconds: UPLOAD_URL_EXPIRY_SECONDS,
    uploadGraceSeconds: UPLOAD_GRACE_SECONDS,
  };
  const signal = untilSignal();
  const serving = await serveApi(wireApi(ports, env, limits), {
    host: env.HOST,
    port: 0,
    requestTimeoutMs: LIMITS.apiRequestTimeoutMs,
  });
  process.stdout.write(`listening at ${serving.url}\n`);
  await signal;
  await serving.close();
  ports.close();
}

await runMain(main);
