import { readEnv, redacted } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { pinoLog } from '#telemetry/pino-log.ts';
import { wireMedia } from './media.ts';
import { awsConfig, openPorts } from './ports.ts';
import { runMain, untilSignal } from './run-main.ts';
import { runWorker } from './run-worker.ts';
import { wireWorker } from './wire.ts';
import { wireSweeper } from './wire-sweeper.ts';

/** `npm run worker`: the worker alone, configured by the environment. */
async function main(): Promise<void> {
  const env = readEnv();
  const log = pinoLog(env.LOG_LEVEL, 'streamforge-worker');
  log.info(redacted(env), 'starting');
  const ports = await openPorts(env, log, {
    aws: awsConfig(env),
    profile: 'worker',
    queueWaitSeconds: LIMITS.queueWaitSeconds,
  });
  const signal = untilSignal();
  const media = wireMedia(ports.objects, env);
  const running = runWorker(
    (signals) => wireWorker(ports, env, media, signals),
    LIMITS.drainMs,
    wireSweeper(ports, env),
  );
  log.info({ concurrency: env.WORKER_CONCURRENCY }, 'worker is polling');
  // A worker that ends by itself has met a bug: `done` rejects, and the process ends with it.
  await Promise.race([signal, running.done]);
  log.info({}, 'draining');
  await running.drain();
  ports.close();
  log.info({}, 'stopped');
}

await runMain(main);
