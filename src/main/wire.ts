import type { Observable } from 'rxjs';
import { createApi } from '#api/create-api.ts';
import { clientApp, workerApp } from '#app/app.ts';
import type { AnalyseSourceDeps } from '#app/commands/analyse-source.ts';
import type { Env } from '#config/env.ts';
import { leaseTimes } from '#config/lease.ts';
import { LIMITS } from '#config/limits.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import type { Settlement } from '#streams/settle.ts';
import type { Ports } from './ports.ts';
import { wireConcurrency } from './wire-concurrency.ts';
import { type WorkerSignals, wireEngine } from './wire-engine.ts';

/** The bounds of the API. */
type ApiLimits = Readonly<Record<keyof typeof LIMITS, number>>;

/** The HTTP API over the ports. */
export function wireApi(ports: Ports, env: Env, limits: ApiLimits = LIMITS) {
  const { ids, log } = ports;
  return createApi({
    app: clientApp({ ...ports, limits }),
    names: { uuid: () => ids.uuid(), hex: (bytes) => ids.hex(bytes) },
    readiness: ports.readiness,
    apiKeys: env.API_KEYS,
    onError: (fields, message) => log.error(fields, message),
    limits,
  });
}

/** The worker over the ports: subscribe to it, once. It completes after `stop$`, when the last message is settled. */
export function wireWorker(
  ports: Ports,
  env: Env,
  media: Omit<AnalyseSourceDeps, 'clock'>,
  signals: WorkerSignals,
): Observable<Settlement> {
  const lease = leaseTimes(env.WORKER_LEASE_SECONDS);
  const app = workerApp({ ...ports, ...media, limits: { ...LIMITS, ...lease } });
  const { slots, follow } = wireConcurrency(ports, env);
  const ledger = new CreditLedger(slots());
  return wireEngine(
    { ...ports, app, ledger },
    {
      // Read when they are needed: SIGHUP may change them.
      slots,
      attemptsMax: () => env.WORKER_ATTEMPTS_MAX,
      crashAt: env.CRASH_AT,
      lease,
      beside$: follow(ledger),
    },
    signals,
  );
}
