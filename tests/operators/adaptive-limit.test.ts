// What it concludes from one window, then from hundreds, against a dependency that serves so many at once and no more, in
// virtual time; and laws over any traffic at all.
import fc from 'fast-check';
import { map, take, takeUntil, tap, timer, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  AdaptiveLimit,
  type AdaptiveLimitOptions,
  type AdaptiveWindow,
  followAdaptiveLimit,
  type LimitMove,
} from '#operators/adaptive-limit.ts';
import { marbles } from '../support/marbles.ts';

const OPTIONS: AdaptiveLimitOptions = {
  bounds: () => ({ floor: 4, ceiling: 256 }),
  initial: 16,
  settleWindows: 1,
  holdWindows: 2,
};

const CALM: AdaptiveWindow = { throttles: 0, failures: 0, finished: 1000, isFull: true };
const THROTTLED: AdaptiveWindow = { ...CALM, throttles: 100 };

const limitOf = (over: Partial<AdaptiveLimitOptions> = {}) =>
  new AdaptiveLimit({ ...OPTIONS, ...over });

/** The limit after each of the windows. */
const limitsOver = (limit: AdaptiveLimit, ...windows: readonly Partial<AdaptiveWindow>[]) =>
  windows.map((window) => {
    limit.next({ ...CALM, ...window });
    return limit.value;
  });
const times = (count: number, window: Partial<AdaptiveWindow> = {}) =>
  Array.from({ length: count }, () => window);

describe('AdaptiveLimit', () => {
  it('grows by a third while all slots are in use and nobody complains', () => {
    expect(limitsOver(limitOf(), ...times(5))).toEqual([21, 28, 37, 49, 64]);
  });

  it('says how it moved, and why; nothing where it did not', () => {
    const limit = limitOf();
    expect(limit.next(CALM)).toEqual({ from: 16, to: 21, why: 'full' });
    expect(limit.next({ ...CALM, isFull: false })).toBeNull();
    expect(limit.next(THROTTLED)).toEqual({ from: 21, to: 14, why: 'throttles' });
    expect(limit.next(THROTTLED)).toBeNull();
    expect(limit.next({ ...CALM, failures: 20, throttles: 19 })).toEqual({
      from: 14,
      to: 9,
      why: 'failures',
    });
  });

  it.each([
    ['some slots are free', { isFull: false }],
    ['nothing is finished', { finished: 0 }],
    ['it is idle', { finished: 0, isFull: false }],
  ])('does not grow while %s', (_, window) => {
    expect(new Set(limitsOver(limitOf(), ...times(50, window)))).toEqual(new Set([16]));
  });

  it('is cut by trouble, waits, and grows slowly near where it hurt', () => {
    const limit = limitOf({ initial: 64 });
    const values = limitsOver(limit, THROTTLED, ...times(8));
    expect(values).toEqual([44, 44, 44, 44, 57, 58, 59, 60, 61]);
  });

  it('is cut once for what was under way at the cut, and again for what comes later', () => {
    const values = limitsOver(limitOf({ initial: 100 }), ...times(6, THROTTLED));
    expect(values).toEqual([70, 70, 49, 49, 34, 34]);
  });

  it('does not grow before it has held as long after the last trouble', () => {
    const limit = limitOf({ initial: 100 });
    const values = limitsOver(limit, THROTTLED, {}, {}, THROTTLED, {}, {}, {}, {});
    expect(values).toEqual([70, 70, 70, 49, 49, 49, 49, 63]);
  });

  it('is quick again past the point where it hurt', () => {
    const limit = limitOf({ initial: 10 });
    const values = limitsOver(limit, THROTTLED, ...times(9));
    expect(values).toEqual([7, 7, 7, 7, 9, 10, 11, 15, 20, 26]);
  });

  it('takes a complaint among a hundred for noise, and one among fewer for trouble', () => {
    expect(limitsOver(limitOf(), { finished: 100, failures: 1 })).toEqual([21]);
    expect(limitsOver(limitOf(), { finished: 99, failures: 1 })).toEqual([11]);
    expect(limitsOver(limitOf(), { finished: 0, throttles: 1 })).toEqual([11]);
  });

  it('begins within its bounds, and follows them', () => {
    let bounds = { floor: 20, ceiling: 40 };
    const limit = limitOf({ bounds: () => bounds });
    expect(limit.value).toBe(20);
    expect(limitsOver(limit, ...times(4))).toEqual([26, 34, 40, 40]);
    bounds = { floor: 2, ceiling: 8 };
    expect(limit.value).toBe(8);
    expect(limitsOver(limit, THROTTLED)).toEqual([5]);
  });

  it('stays within its bounds, whatever happens, and never grows with trouble', () => {
    const window = fc.record({
      throttles: fc.nat(50),
      failures: fc.nat(50),
      finished: fc.nat(2000),
      isFull: fc.boolean(),
    });
    const between = fc.tuple(fc.integer({ min: 1, max: 64 }), fc.nat(300));
    fc.assert(
      fc.property(between, fc.nat(400), fc.array(window), ([floor, more], initial, windows) => {
        const bounds = { floor, ceiling: floor + more };
        const limit = limitOf({ bounds: () => bounds, initial });
        for (const seen of windows) {
          const before = limit.value;
          const move = limit.next(seen);
          expect(limit.value).toBeGreaterThanOrEqual(bounds.floor);
          expect(limit.value).toBeLessThanOrEqual(bounds.ceiling);
          expect(Number.isInteger(limit.value)).toBe(true);
          expect(move === null ? before : move.to).toBe(limit.value);
          if (seen.throttles + seen.failures > 20 || !seen.isFull) {
            expect(limit.value).toBeLessThanOrEqual(before);
          }
        }
      }),
    );
  });
});

const LOOKS = { everyMs: 100, looks: 10 };

/** A dependency that serves so many calls at once; the rest is throttled. Each call takes a tenth of a second. */
function dependency(limit: AdaptiveLimit, capacity: (second: number) => number) {
  const seen = { throttles: 0, failures: 0, finished: 0, isFull: true };
  const seconds: { readonly limit: number; readonly bad: number; readonly all: number }[] = [];
  let last = { throttles: 0, finished: 0 };
  const read = () => ({ ...seen });
  const work = (tick: number): void => {
    const served = Math.min(limit.value, capacity(Math.floor(tick / 10)));
    seen.finished += served;
    seen.throttles += limit.value - served;
    if (tick % 10 !== 9) return;
    const bad = seen.throttles - last.throttles;
    seconds.push({ limit: limit.value, bad, all: bad + seen.finished - last.finished });
    last = { ...seen };
  };
  return { read, work, seconds };
}

describe('followAdaptiveLimit', () => {
  it(
    'finds what a dependency can take within ten seconds, when it falls and when it rises',
    marbles(({ expectObservable, flush }) => {
      const limit = limitOf();
      const phases = [64, 16, 64];
      const { read, work, seconds } = dependency(limit, (s) => phases[Math.floor(s / 60)] ?? 0);
      const work$ = timer(50, 100).pipe(
        tap(work),
        take(phases.length * 600),
        toArray(),
        map(() => 'done'),
      );
      const follow$ = followAdaptiveLimit(limit, read, LOOKS).pipe(takeUntil(timer(180_000)));
      expectObservable(work$).toBe('179950ms (a|)', { a: 'done' });
      // Its moves are what `seconds` shows.
      expectObservable(follow$.pipe(takeUntil(timer(0)))).toBe('|');
      follow$.subscribe();
      flush();
      for (const [phase, capacity] of phases.entries()) {
        const settled = seconds.slice(phase * 60 + 10, phase * 60 + 60);
        const [bad, all] = [
          settled.reduce((sum, second) => sum + second.bad, 0),
          settled.reduce((sum, second) => sum + second.all, 0),
        ];
        expect(bad / all).toBeLessThan(0.02);
        const limits = settled.map((second) => second.limit);
        expect(Math.min(...limits)).toBeGreaterThanOrEqual(Math.floor(capacity * 0.6));
        expect(Math.max(...limits)).toBeLessThanOrEqual(Math.ceil(capacity * 1.3));
      }
    }),
  );

  it(
    'concludes once a window, from the differences, and emits where it moves',
    marbles(({ expectObservable }) => {
      const finished = [5, 5, 5, 8, 8, 8, 8, 9, 9, 9];
      let look = 0;
      const read = () => ({ ...CALM, finished: finished[look++] ?? 9 });
      const moves$ = followAdaptiveLimit(limitOf(), read, { everyMs: 2, looks: 3 });
      expectObservable(moves$, '^ 19ms !').toBe('------a-----------b', {
        a: { from: 16, to: 21, why: 'full' },
        b: { from: 21, to: 28, why: 'full' },
      } satisfies Record<string, LimitMove>);
    }),
  );

  it(
    'takes slots for full that were so at one look of a window',
    marbles(({ expectObservable }) => {
      let look = 0;
      const full = [false, false, true, false, false, false, false];
      const read = () => ({ ...CALM, finished: look * 10, isFull: full[look++] ?? false });
      const moves$ = followAdaptiveLimit(limitOf(), read, { everyMs: 2, looks: 3 });
      expectObservable(moves$, '^ 19ms !').toBe('------a', {
        a: { from: 16, to: 21, why: 'full' },
      });
    }),
  );

  it(
    'reads anew for each subscriber, and fails with what a look throws',
    marbles(({ expectObservable }) => {
      let reads = 0;
      const read = () => {
        reads += 1;
        if (reads > 2) throw new Error('no');
        return CALM;
      };
      const moves$ = followAdaptiveLimit(limitOf(), read, { everyMs: 2, looks: 3 });
      expectObservable(moves$).toBe('----#', undefined, new Error('no'));
    }),
  );
});
