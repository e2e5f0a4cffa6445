import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { wireMedia } from './media.ts';
import type { Ports } from './ports.ts';
import { type RunningWorker, runWorker } from './run-worker.ts';
import { wireWorker } from './wire.ts';
import { wireSweeper } from './wire-sweeper.ts';

/** The worker as it runs everywhere: its streams, and the sweeper beside them. */
export function startWorker(ports: Ports, env: Env): RunningWorker {
  const media = wireMedia(ports, env);
  return runWorker(
    (signals) => wireWorker(ports, env, media, signals),
    LIMITS.drainMs,
    wireSweeper(ports, env),
  );
}
