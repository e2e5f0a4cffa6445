import type { Observable } from 'rxjs';
import { sweeperApp } from '#app/app.ts';
import type { Env } from '#config/env.ts';
import { leaseTimes } from '#config/lease.ts';
import { LIMITS } from '#config/limits.ts';
import { liveSweep } from '#streams/live-sweep.ts';
import { type Swept, sweeper, sweepOnce } from '#streams/sweeper.ts';
import type { Ports } from './ports.ts';

/** One pass of the sweeper over the ports. */
export function wireSweepOnce(ports: Ports, env: Env): Observable<Swept> {
  return sweepOnce(stagesOf(ports, env), LIMITS.sweepConcurrency);
}

/** The sweeper over the ports, for as long as it is subscribed to. */
export function wireSweeper(ports: Ports, env: Env): Observable<Swept> {
  return sweeper(stagesOf(ports, env), {
    everyMs: leaseTimes(env.WORKER_LEASE_SECONDS).sweepEveryMs,
    concurrency: LIMITS.sweepConcurrency,
    random: () => ports.ids.random(),
  });
}

function stagesOf(ports: Ports, env: Env) {
  const limits = { ...LIMITS, ...leaseTimes(env.WORKER_LEASE_SECONDS) };
  const app = sweeperApp({ ...ports, attemptsMax: () => env.WORKER_ATTEMPTS_MAX, limits });
  const { assets, clock, log } = ports;
  return liveSweep({ app, assets, clock, log, limits });
}
