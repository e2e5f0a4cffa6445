// How much is prefetched at which traffic, then laws: whatever is asked, brought and finished when, the ledger's limit holds.
import fc from 'fast-check';
import { ignoreElements, merge, takeUntil, tap, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { followPrefetch, Prefetch, type PrefetchOptions } from '#operators/prefetch.ts';
import { marbles } from '../support/marbles.ts';

const OPTIONS: PrefetchOptions = {
  slots: () => 64,
  holdMs: 40,
  waitMsMax: 1000,
  memoryMs: 1000,
};

/** After so many seconds of messages at a steady rate. */
const steady = (perSecond: number, seconds = 20, options: Partial<PrefetchOptions> = {}) => {
  const prefetch = new Prefetch({ ...OPTIONS, ...options });
  for (let tick = 0; tick < seconds * 10; tick += 1) prefetch.finished(perSecond / 10, 100);
  return prefetch;
};

describe('Prefetch', () => {
  it('is nothing before anything was finished', () => {
    const prefetch = new Prefetch(OPTIONS);
    prefetch.received(20);
    expect([prefetch.size, prefetch.limit]).toEqual([0, 64]);
  });

  it.each([
    // What is finished in a round trip and a hold, and five.
    [640, 20, 44],
    [160, 20, 15],
    [640, 5, 34],
    // A slower network needs more; what is over the slots is too much.
    [640, 60, 64],
    // Sparse: no more than is finished in the longest wait.
    [5.5, 20, 5],
    [1.5, 20, 1],
    [0.5, 20, 0],
    [0, 20, 0],
  ])('is, at %f messages a second and a round trip of %d ms, %d messages', (rate, ms, size) => {
    const prefetch = steady(rate);
    prefetch.received(ms);
    expect(prefetch.size).toBe(size);
    expect(prefetch.limit).toBe(64 + size);
  });

  it('covers the hold alone before it knows a round trip', () => {
    expect(steady(640).size).toBe(26 + 5);
  });

  it('reads the slots anew each time', () => {
    let slots = 8;
    const prefetch = steady(640, 20, { slots: () => slots });
    expect(prefetch.limit).toBe(16);
    slots = 2;
    expect(prefetch.limit).toBe(4);
    slots = 0;
    expect(prefetch.limit).toBe(0);
  });

  it('follows a new round trip within some receives, one odd receive only a little', () => {
    const prefetch = steady(100);
    for (let receive = 0; receive < 40; receive += 1) prefetch.received(20);
    expect(prefetch.size).toBe(6 + 5);
    prefetch.received(120);
    expect(prefetch.size).toBe(8 + 5);
    for (let receive = 0; receive < 40; receive += 1) prefetch.received(120);
    expect(prefetch.size).toBe(16 + 5);
  });

  it('takes a receive of twenty seconds for one that has waited, not for a slow network', () => {
    const prefetch = steady(100);
    prefetch.received(20_000);
    expect(prefetch.size).toBe(29 + 5);
  });

  it('takes a receive that ended before it began, by a clock set back, for one of no time', () => {
    const prefetch = steady(100);
    prefetch.received(-3_600_000);
    expect(prefetch.size).toBe(4 + 5);
  });

  it('forgets a rate: after a burst it is nothing again', () => {
    const prefetch = steady(640);
    prefetch.received(20);
    expect(prefetch.size).toBe(44);
    for (let tick = 0; tick < 100; tick += 1) prefetch.finished(0, 100);
    expect(prefetch.size).toBe(0);
  });

  it('knows the same rate however seldom it is looked at', () => {
    const often = new Prefetch(OPTIONS);
    for (let tick = 0; tick < 100; tick += 1) often.finished(5, 10);
    const once = new Prefetch(OPTIONS);
    once.finished(500, 1000);
    expect(often.size).toBe(once.size);
  });

  it('makes nothing of no time at all', () => {
    const prefetch = new Prefetch(OPTIONS);
    prefetch.finished(10, 0);
    expect(prefetch.size).toBe(0);
  });

  it('is never more than the slots, nor than is finished in the longest wait', () => {
    const event = fc.oneof(
      fc.record({ count: fc.nat(500), elapsedMs: fc.integer({ min: 1, max: 2000 }) }),
      fc.record({ receiveMs: fc.integer({ min: -30_000, max: 30_000 }) }),
    );
    fc.assert(
      fc.property(fc.nat(300), fc.array(event, { maxLength: 60 }), (slots, events) => {
        const prefetch = new Prefetch({ ...OPTIONS, slots: () => slots });
        let fastest = 0;
        for (const happened of events) {
          if ('receiveMs' in happened) prefetch.received(happened.receiveMs);
          else {
            prefetch.finished(happened.count, happened.elapsedMs);
            fastest = Math.max(fastest, happened.count / happened.elapsedMs);
          }
          expect(prefetch.size).toBeGreaterThanOrEqual(0);
          expect(prefetch.size).toBeLessThanOrEqual(slots);
          expect(prefetch.size).toBeLessThanOrEqual(fastest * OPTIONS.waitMsMax);
          expect(prefetch.limit).toBe(slots + prefetch.size);
        }
      }),
    );
  });
});

const follow = (ledger: CreditLedger, prefetch: Prefetch, limit = () => prefetch.limit) =>
  followPrefetch(ledger, prefetch, { limit, everyMs: 100 });

describe('followPrefetch', () => {
  it(
    'gives the ledger more room while messages are finished, and takes it back',
    marbles(({ expectObservable, flush }) => {
      const ledger = new CreditLedger(10);
      ledger.settle(ledger.reserve(10), 10);
      const prefetch = new Prefetch({ ...OPTIONS, slots: () => 10 });
      const limits: number[] = [];
      const finish$ = timer(50, 100).pipe(
        tap((n) => n < 10 && ledger.release(1)),
        ignoreElements(),
      );
      const look$ = timer(1, 1000).pipe(
        tap(() => limits.push(ledger.limit)),
        ignoreElements(),
      );
      const all$ = merge(finish$, look$, follow(ledger, prefetch));
      expectObservable(all$.pipe(takeUntil(timer(5500)))).toBe('5500ms |');
      flush();
      // Ten a second for a second: the rate that is known is six of them by then.
      expect(limits).toEqual([10, 16, 12, 10, 10, 10]);
    }),
  );

  it(
    'tells those who wait for room of what it gives',
    marbles(({ expectObservable, flush }) => {
      const ledger = new CreditLedger(2);
      ledger.settle(ledger.reserve(2), 2);
      const prefetch = steady(100, 20, { slots: () => 2 });
      let freed = 0;
      ledger.freed$.subscribe(() => {
        freed += 1;
      });
      const follow$ = follow(ledger, prefetch);
      expectObservable(follow$, '^ 150ms !').toBe('-');
      flush();
      expect([freed, ledger.free]).toEqual([1, 2]);
    }),
  );

  it(
    'counts only what was finished since it was subscribed to',
    marbles(({ expectObservable, flush }) => {
      const ledger = new CreditLedger(1000);
      ledger.settle(ledger.reserve(1000), 1000);
      ledger.release(1000);
      const prefetch = new Prefetch(OPTIONS);
      expectObservable(follow(ledger, prefetch), '^ 350ms !').toBe('-');
      flush();
      expect(ledger.limit).toBe(64);
    }),
  );

  it(
    'gives no more than it is told, and tells those who wait when that grows',
    marbles(({ expectObservable, flush }) => {
      const ledger = new CreditLedger(10);
      const prefetch = new Prefetch({ ...OPTIONS, slots: () => 10 });
      const limits = [0, 0, 1, 10, 0];
      const freeAt: number[] = [];
      ledger.freed$.subscribe(() => freeAt.push(ledger.free));
      expectObservable(
        follow(ledger, prefetch, () => limits.shift() ?? 99),
        '^ 550ms !',
      ).toBe('-');
      flush();
      expect(freeAt).toEqual([1, 10]);
      expect(ledger.limit).toBe(0);
    }),
  );

  it('never lets more be asked for than the slots and the prefetch, in any interleaving', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const), n: fc.nat(10) }),
      fc.record({ kind: fc.constant('bring' as const), n: fc.nat(10) }),
      fc.record({ kind: fc.constant('finish' as const), n: fc.nat(30) }),
      fc.record({ kind: fc.constant('look' as const), n: fc.nat(500) }),
    );
    fc.assert(
      fc.property(fc.nat(40), fc.array(step, { maxLength: 120 }), (slots, steps) => {
        const ledger = new CreditLedger(slots);
        const prefetch = new Prefetch({ ...OPTIONS, slots: () => slots });
        const open: number[] = [];
        let before = 0;
        const take = {
          ask: (n: number) => open.push(ledger.reserve(n)),
          bring: (n: number) => {
            const asked = open.shift() ?? 0;
            ledger.settle(asked, Math.min(asked, n));
            prefetch.received(20);
          },
          finish: (n: number) => ledger.release(Math.min(n, ledger.held)),
          look: (n: number) => {
            prefetch.finished(ledger.released - before, n);
            before = ledger.released;
            ledger.setLimit(prefetch.limit);
          },
        };
        for (const { kind, n } of steps) {
          const out = ledger.held + ledger.reserved;
          take[kind](n);
          const now = ledger.held + ledger.reserved;
          // Over the limit only by what was out before it shrank; and never over twice the slots.
          expect(now).toBeLessThanOrEqual(Math.max(out, ledger.limit));
          expect(now).toBeLessThanOrEqual(2 * slots);
        }
      }),
    );
  });
});
