import type { Metrics } from '#ports/metrics.ts';

/** Where nobody watches. */
export const noMetrics: Metrics = { count: () => {}, gauge: () => {} };
