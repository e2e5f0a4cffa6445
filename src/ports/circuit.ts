/** What a service may be asked: anything, one thing to see whether it is back, or nothing. */
export type Admits = 'all' | 'one' | 'none';

/**
 * How one dependency is doing, as the circuit breaker around its calls sees it.
 *
 * `none` while it is open: calls fail at once, with the code of the service's outage. After a growing wait it is `one`:
 * the next call is let through, and decides. Only faults of the service count: no refusal, no failed condition, no call
 * that was aborted by whoever made it.
 *
 * The counters only grow. Reading is cheap and has no effect.
 */
export interface Circuit {
  readonly admits: Admits;
  /** Calls the service answered with "too often". They open nothing. */
  readonly throttles: number;
  /** Calls that failed for the service's fault, those that were refused unsent not included. */
  readonly failures: number;
}
