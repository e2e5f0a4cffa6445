import { boot } from './boot.ts';
import { runMain, untilSignal } from './run-main.ts';
import { startWorker } from './start-worker.ts';

/** `npm run worker`: the worker alone, configured by the environment. */
async function main(): Promise<void> {
  const { env, ports } = await boot('worker', 'streamforge-worker');
  const { log } = ports;
  const signal = untilSignal();
  const running = startWorker(ports, env);
  log.info({ concurrency: env.WORKER_CONCURRENCY }, 'worker is polling');
  // A worker that ends by itself has met a bug: `done` rejects, and the process ends with it.
  await Promise.race([signal, running.done]);
  log.info({}, 'draining');
  await running.drain();
  ports.close();
  log.info({}, 'stopped');
}

await runMain(main);
