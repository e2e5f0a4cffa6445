// A worker as a process of its own, for `node`: its jobs wait at a gate until SIGHUP, and its event loop is blocked at SIGUSR2
// until there is a file of the name that it is given. A job that waits here runs into no time-out, however long it is paused.
import { existsSync } from 'node:fs';
import { argv } from 'node:process';
import { readEnv } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { wireMedia } from '#main/media.ts';
import { awsConfig, openPorts } from '#main/ports.ts';
import { runWorker } from '#main/run-worker.ts';
import { wireWorker } from '#main/wire.ts';
import { pinoLog } from '#telemetry/pino-log.ts';
import { gatedMedia } from '../../support/gated-media.ts';

const [, , unblock = ''] = argv;
const env = readEnv();
const log = pinoLog('info', 'gated-worker');
const ports = await openPorts(env, log, {
  aws: awsConfig(env),
  profile: 'worker',
  queueWaitSeconds: 1,
});
const gate = gatedMedia();
process.on('SIGHUP', gate.open);
process.on('SIGUSR2', () => {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(unblock)) Atomics.wait(nothing, 0, 0, 20);
});
const media = gate.through(wireMedia(ports, env));
await runWorker((signals) => wireWorker(ports, env, media, signals), LIMITS.drainMs).done;
