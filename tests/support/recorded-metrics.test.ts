import { metricsContract } from '../contracts/metrics.contract.ts';
import { RecordedMetrics } from './recorded-metrics.ts';

metricsContract('RecordedMetrics', async () => {
  const metrics = new RecordedMetrics();
  return {
    metrics,
    read: async () => ({ ...metrics.counts, ...metrics.gauges }),
    close: () => {},
  };
});
