/** What a measurement is about: few values each, never a tenant, a key or an id. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Where figures go, for whoever watches. Names are Prometheus', units last: `sf_dedupe_lock_unavailable_total`.
 *
 * Never throws, never blocks. A name always means the same kind of figure and the same labels.
 */
export interface Metrics {
  /** Adds to a count that only grows; by one unless told. */
  count(name: string, labels?: Labels, by?: number): void;
  /** Says how much there is now. */
  gauge(name: string, value: number, labels?: Labels): void;
}
