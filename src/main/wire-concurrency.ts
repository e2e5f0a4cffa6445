import { type Observable, tap } from 'rxjs';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { AdaptiveLimit, followAdaptiveLimit, type LimitMove } from '#operators/adaptive-limit.ts';
import type { CreditLedger } from '#operators/credit-ledger.ts';
import { admittedBy } from '#streams/intake.ts';
import type { Ports } from './ports.ts';

type ConcurrencyEnv = Pick<
  Env,
  'WORKER_CONCURRENCY' | 'WORKER_CONCURRENCY_MIN' | 'WORKER_CONCURRENCY_MAX'
>;

/** How many assets the worker works on at once. */
export interface Concurrency {
  readonly slots: () => number;
  /** Lets `auto` follow what the dependencies say, and tells of every move. Endless. */
  follow(ledger: CreditLedger): Observable<LimitMove>;
}

/**
 * A number of slots that people chose, or one that finds itself between two bounds.
 *
 * @param env Read when it is needed: SIGHUP may change it, also from the one to the other.
 */
export function wireConcurrency(
  { circuits, log, metrics }: Pick<Ports, 'circuits' | 'log' | 'metrics'>,
  env: ConcurrencyEnv,
): Concurrency {
  const all = Object.values(circuits);
  const limit = new AdaptiveLimit({
    bounds: () => boundsOf(env),
    initial: LIMITS.concurrencyInitial,
    settleWindows: LIMITS.concurrencySettleWindows,
    holdWindows: LIMITS.concurrencyHoldWindows,
  });
  const slots = (): number => limit.value;
  const look = (ledger: CreditLedger) => {
    metrics.gauge('sf_worker_concurrency_limit', slots());
    return {
      throttles: all.reduce((sum, { throttles }) => sum + throttles, 0),
      failures: all.reduce((sum, { failures }) => sum + failures, 0),
      finished: ledger.released,
      // While a dependency is not called nobody complains, which proves nothing.
      isFull: ledger.held >= slots() && admittedBy(all) === 'all',
    };
  };
  const tell = (move: LimitMove): void => {
    const { from, to, why } = move;
    log.info({ ...move }, 'worker concurrency moved');
    const labels = { direction: to > from ? 'up' : 'down', why };
    metrics.count('sf_worker_concurrency_moves_total', labels);
    metrics.gauge('sf_worker_concurrency_limit', to);
  };
  return {
    slots,
    follow: (ledger) =>
      followAdaptiveLimit(limit, () => look(ledger), {
        everyMs: LIMITS.concurrencyLookMs,
        looks: LIMITS.concurrencyWindowLooks,
      }).pipe(tap(tell)),
  };
}

/** A number that people chose leaves no room to move. */
function boundsOf({
  WORKER_CONCURRENCY: chosen,
  WORKER_CONCURRENCY_MIN: floor,
  WORKER_CONCURRENCY_MAX: ceiling,
}: ConcurrencyEnv) {
  return chosen === 'auto' ? { floor, ceiling } : { floor: chosen, ceiling: chosen };
}
