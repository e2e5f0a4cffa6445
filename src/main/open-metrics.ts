import type { Env } from '#config/env.ts';
import type { Log } from '#ports/log.ts';
import type { Metrics } from '#ports/metrics.ts';
import { noMetrics } from '#telemetry/no-metrics.ts';
import { PrometheusMetrics } from '#telemetry/prometheus-metrics.ts';
import { portInUse } from './serve-api.ts';

/** Figures, and an end to their being served. */
export interface OpenMetrics {
  readonly metrics: Metrics;
  close(): void;
}

/**
 * The figures of this process, served where the environment says; without a port nothing is measured.
 *
 * @throws ForgeError `PORT_IN_USE` (permanent), with the port and the variable that sets it.
 */
export async function openMetrics(
  { METRICS_PORT: port, HOST: host }: Pick<Env, 'METRICS_PORT' | 'HOST'>,
  log: Log,
): Promise<OpenMetrics> {
  if (port === undefined) return unmeasured;
  const metrics = new PrometheusMetrics();
  const url = await metrics.listen(host, port).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? portInUse(port, 'METRICS_PORT', error) : error;
  });
  log.info({ url }, 'metrics are served');
  return { metrics, close: () => metrics.close() };
}

/** What nobody watches. */
export const unmeasured: OpenMetrics = { metrics: noMetrics, close: () => {} };
