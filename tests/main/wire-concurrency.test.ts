// That the slots are those of the environment, and that `auto` hears of the ledger and the circuits, and is heard of.
import { describe, expect, it } from 'vitest';
import { wireConcurrency } from '#main/wire-concurrency.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { marbles } from '../support/marbles.ts';
import { RecordedLog } from '../support/recorded-log.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

const LIMIT = 'sf_worker_concurrency_limit';

function setUp(concurrency: number | 'auto' = 'auto') {
  const circuit = () => ({ admits: 'all' as 'all' | 'one' | 'none', throttles: 0, failures: 0 });
  const circuits = { store: circuit(), objects: circuit(), events: circuit() };
  const [log, metrics] = [new RecordedLog(), new RecordedMetrics()];
  const env = {
    WORKER_CONCURRENCY: concurrency,
    WORKER_CONCURRENCY_MIN: 2,
    WORKER_CONCURRENCY_MAX: 20,
  };
  const wired = wireConcurrency({ circuits, log, metrics }, env);
  // Full at any limit, and something is finished whenever `work` is called.
  const ledger = new CreditLedger(1000);
  ledger.settle(ledger.reserve(900), 900);
  return { ...wired, circuits, log, metrics, env, ledger, work: () => ledger.release(20) };
}

describe('wireConcurrency', () => {
  it('gives as many slots as were chosen, and never moves', () => {
    marbles(({ expectObservable, cold, flush }) => {
      const { slots, follow, ledger, circuits, work, metrics } = setUp(7);
      cold('500ms a 1500ms a 1500ms a').subscribe(() => {
        work();
        circuits.store.throttles += 100;
      });
      expectObservable(follow(ledger), '^ 10s !').toBe('-');
      flush();
      expect(slots()).toBe(7);
      expect(metrics.gauges).toEqual({ [LIMIT]: 7 });
      expect(metrics.counts).toEqual({});
    })();
  });

  it('begins with 16, or the bound that is nearer', () => {
    const { slots, env } = setUp();
    expect(slots()).toBe(16);
    env.WORKER_CONCURRENCY_MAX = 8;
    expect(slots()).toBe(8);
    env.WORKER_CONCURRENCY = 3;
    expect(slots()).toBe(3);
  });

  it('tells of every move, and why', () => {
    marbles(({ expectObservable, cold, flush }) => {
      const { follow, ledger, circuits, work, metrics, log } = setUp();
      cold('500ms a 999ms b 1999ms c', {
        a: 'store',
        b: 'events',
        c: 'objects',
      } as const).subscribe((name) => {
        work();
        if (name === 'events') circuits.events.throttles += 3;
        if (name === 'objects') circuits.objects.failures += 3;
      });
      const moves = {
        a: { from: 16, to: 20, why: 'full' },
        b: { from: 20, to: 14, why: 'throttles' },
        c: { from: 14, to: 9, why: 'failures' },
      };
      expectObservable(follow(ledger), '^ 4500ms !').toBe('1s a 999ms b 1999ms c', moves);
      flush();
      expect(log.lines).toEqual(
        Object.values(moves).map((fields) => ({
          level: 'info',
          message: 'worker concurrency moved',
          fields,
        })),
      );
      expect(metrics.gauges).toEqual({ [LIMIT]: 9 });
      expect(metrics.counts).toEqual({
        'sf_worker_concurrency_moves_total{direction="up",why="full"}': 1,
        'sf_worker_concurrency_moves_total{direction="down",why="throttles"}': 1,
        'sf_worker_concurrency_moves_total{direction="down",why="failures"}': 1,
      });
    })();
  });

  it.each(['one', 'none'] as const)('does not grow while a circuit admits %s', (admits) => {
    marbles(({ expectObservable, cold }) => {
      const { follow, ledger, circuits, work } = setUp();
      circuits.events.admits = admits;
      cold('500ms a').subscribe(work);
      expectObservable(follow(ledger), '^ 1500ms !').toBe('-');
    })();
  });

  it('does not grow while slots are free', () => {
    marbles(({ expectObservable, cold }) => {
      const { follow, ledger, work } = setUp();
      ledger.release(890);
      cold('500ms a').subscribe(() => ledger.release(1));
      expect(work).toThrow();
      expectObservable(follow(ledger), '^ 1500ms !').toBe('-');
    })();
  });
});
