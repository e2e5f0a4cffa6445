import type { Labels, Metrics } from '#ports/metrics.ts';

/** Figures that stay, for a test to look at: under `name`, or `name{label="value"}` with labels in the order given. */
export class RecordedMetrics implements Metrics {
  readonly counts: Record<string, number> = {};
  readonly gauges: Record<string, number> = {};

  count(name: string, labels: Labels = {}, by = 1): void {
    const at = series(name, labels);
    this.counts[at] = (this.counts[at] ?? 0) + by;
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    this.gauges[series(name, labels)] = value;
  }
}

function series(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
