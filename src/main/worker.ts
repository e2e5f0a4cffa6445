import { bootProcess } from './boot.ts';
import { type Life, runProcess } from './run-process.ts';
import { startWorker } from './start-worker.ts';
import { untilSetUp } from './until-set-up.ts';

/** `npm run worker`: the worker alone, configured by the environment. */
async function main({ asked, bequeath }: Life): Promise<void> {
  const { env, ports } = await bootProcess('worker', 'streamforge-worker');
  const { log } = ports;
  bequeath({ log });
  if (await untilSetUp(ports, asked)) {
    const running = startWorker(ports, env);
    bequeath({ log, abandon: running.abandon });
    log.info({ concurrency: env.WORKER_CONCURRENCY }, 'worker is polling');
    // A worker that ends by itself has met a bug: `done` rejects, and the process ends with it.
    await Promise.race([asked, running.done]);
    log.info({}, 'draining');
    await running.drain();
  }
  ports.close();
  log.info({}, 'stopped');
}

await runProcess(main);
