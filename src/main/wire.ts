import type { Observable } from 'rxjs';
import { createApi } from '#api/create-api.ts';
import { clientApp, workerApp } from '#app/app.ts';
import type { AnalyseSourceDeps } from '#app/commands/analyse-source.ts';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import type { Settlement } from '#streams/settle.ts';
import type { Ports } from './ports.ts';
import { type WorkerSignals, wireEngine } from './wire-engine.ts';

/** The HTTP API over the ports. */
export function wireApi(ports: Ports, env: Env) {
  const { ids, log } = ports;
  return createApi({
    app: clientApp({ ...ports, limits: LIMITS }),
    names: { uuid: () => ids.uuid(), hex: (bytes) => ids.hex(bytes) },
    readiness: ports.readiness,
    apiKeys: env.API_KEYS,
    onError: (fields, message) => log.error(fields, message),
    limits: LIMITS,
  });
}

/** The worker over the ports: subscribe to it, once. It completes after `stop$`, when the last message is settled. */
export function wireWorker(
  ports: Ports,
  env: Env,
  media: Pick<AnalyseSourceDeps, 'openSource' | 'select'>,
  signals: WorkerSignals,
): Observable<Settlement> {
  const app = workerApp({ ...ports, ...media, limits: LIMITS });
  const slots = env.WORKER_CONCURRENCY;
  return wireEngine(
    { ...ports, app, ledger: new CreditLedger(slots) },
    { slots: () => slots, attemptsMax: env.WORKER_ATTEMPTS_MAX },
    signals,
  );
}
