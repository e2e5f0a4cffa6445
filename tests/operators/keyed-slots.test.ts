// Stepping aside, through the operator that hands out the slots; then laws over random interleavings of all that can happen.
import fc from 'fast-check';
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  forkJoin,
  ignoreElements,
  map,
  mergeMap,
  NEVER,
  type Observable,
  of,
  race,
  range,
  Subject,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Bulkhead, type Place } from '#operators/bulkhead.ts';
import {
  type MergeMapByKeyOptions,
  mergeMapByKey,
  type Slot,
} from '#operators/merge-map-by-key.ts';
import { marbles } from '../support/marbles.ts';
import { SlotsWorld, STEPS } from '../support/slots-world.ts';

// Values are named by key and number: a1 and a2 share the key a. Marbles are one character, so this maps them.
const values = { a: 'a1', b: 'a2', c: 'a3', p: 'b1', x: 'c1' };

/** Work that takes 4 frames, and says which value it did. */
const four = (value: string) => timer(4).pipe(map(() => value));

/** Work of 4 frames, which for a1 is `first`. One slot, unless told. */
const byKey = (
  first: (slot: Slot) => Observable<string>,
  options: Partial<MergeMapByKeyOptions<string, string>> = {},
) =>
  mergeMapByKey<string, string>(
    (value) => value.charAt(0),
    (value, slot) => (value === 'a1' ? first(slot) : four(value)),
    { limit: 1, busy: (value) => of(`${value} busy`), ...options },
  );

describe('KeyedSlots, stepping aside', () => {
  it(
    'gives the slot to others, and comes back before those who wait for their first',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  apx|', values);
      const ready = '        ---r|';
      const expected = '     -----(pr)a---(x|)';
      const work = (slot: Slot) => concat(slot.stepAside(cold<string>(ready)), four('a1'));
      expectObservable(source.pipe(byKey(work))).toBe(expected, { ...values, r: 'r' });
    }),
  );

  it(
    'comes back before it completes where nothing is passed on',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  apx|', values);
      const ready = '        ---|';
      const expected = '     -----p---a---(x|)';
      const work = (slot: Slot) =>
        concat(
          slot.stepAside(cold<string>(ready)),
          defer(() => four('a1')),
        );
      expectObservable(source.pipe(byKey(work))).toBe(expected, values);
    }),
  );

  it(
    'passes on at once what is ready at a time when a slot is free',
    marbles(({ cold, expectObservable }) => {
      const work = (slot: Slot) => slot.stepAside(cold<string>('--r--|'));
      expectObservable(cold('a|', values).pipe(byKey(work))).toBe('--(r|)');
    }),
  );

  it.each<[string, Observable<string>, string]>([
    ['emits', concat(of('r'), NEVER), '--r---a---(p|)'],
    ['completes', EMPTY, '            ------a---(p|)'],
  ])('keeps the slot where it %s synchronously', (_, ready$, expected) => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('ap|', values);
      const work = (slot: Slot) =>
        timer(2).pipe(concatMap(() => concat(slot.stepAside(ready$), four('a1'))));
      expectObservable(source.pipe(byKey(work))).toBe(expected, { ...values, r: 'r' });
    })();
  });

  it(
    'keeps the slot where it fails synchronously',
    marbles(({ cold, expectObservable }) => {
      const source = cold('ap|', values);
      const expected = '   --e---a---(p|)';
      const broken$ = throwError(() => 'broken');
      const work = (slot: Slot) =>
        timer(2).pipe(
          concatMap(() =>
            slot.stepAside(broken$).pipe(catchError(() => concat(of('e'), four('a1')))),
          ),
        );
      expectObservable(source.pipe(byKey(work))).toBe(expected, { ...values, e: 'e' });
    }),
  );

  it(
    'takes the first value alone, and waits for nothing more while it comes back',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    ap|', values);
      const ready = cold<string>('     --rs-t|');
      const expected = '       -----(pr|)';
      expectObservable(source.pipe(byKey((slot) => slot.stepAside(ready)))).toBe(expected, {
        ...values,
        r: 'r',
      });
      expectSubscriptions(ready.subscriptions).toBe('^-!');
    }),
  );

  it(
    'keeps its key meanwhile: the next of it waits, and one more is busy',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  abc|', values);
      const expected = '     --y---r---(b|)';
      const work = (slot: Slot) => slot.stepAside(cold<string>('------r|'));
      expectObservable(source.pipe(byKey(work, { limit: 2 }))).toBe(expected, {
        ...values,
        r: 'r',
        y: 'a3 busy',
      });
    }),
  );

  it(
    'lets those who come back go in the order in which they were ready',
    marbles(({ cold, expectObservable }) => {
      const ready: Record<string, string> = { a: '------1|', b: '--2|', c: '--3|' };
      const source = cold('  abcwv|');
      const expected = '     -------w---2---3---1---(v|)';
      const result = source.pipe(
        mergeMapByKey(
          (value) => value,
          (value, slot) => {
            const marble = ready[value];
            if (marble === undefined) return four(value);
            return slot.stepAside(cold<string>(marble)).pipe(concatMap(four));
          },
          { limit: 1, busy: () => EMPTY },
        ),
      );
      expectObservable(result).toBe(expected);
    }),
  );

  it(
    'does not count those aside for their group',
    marbles(({ cold, expectObservable }) => {
      // When c ends, b waits longer than d, and a of its group is aside.
      const named = { ...values, d: 'd1' };
      const source = cold('  axpd|', named);
      const expected = '     -----x---p---d--(r|)';
      const group = (value: string) => (value === 'd1' ? 'other' : 'one');
      const work = (slot: Slot) => slot.stepAside(cold<string>('----------------r|'));
      expectObservable(source.pipe(byKey(work, { group }))).toBe(expected, { ...named, r: 'r' });
    }),
  );

  it('reads the limit again as one steps aside, and as it comes back', () => {
    let limit = 1;
    const go$ = new Subject<void>();
    const ready$ = new Subject<string>();
    const log: string[] = [];
    of('a1', 'b1', 'c1', 'd1', 'e1')
      .pipe(
        mergeMapByKey(
          (value) => value,
          (value, slot) => {
            log.push(value);
            return value === 'a1' ? go$.pipe(concatMap(() => slot.stepAside(ready$))) : NEVER;
          },
          { limit: () => limit, busy: () => EMPTY },
        ),
      )
      .subscribe((value) => log.push(value));
    limit = 2;
    go$.next();
    expect(log).toEqual(['a1', 'b1', 'c1']);
    limit = 4;
    ready$.next('back');
    expect(log).toEqual(['a1', 'b1', 'c1', 'back', 'd1']);
  });

  it.each([
    ['a value comes', 1],
    ['one steps aside', 2],
    ['one comes back', 3],
    ['one ends', 4],
  ])('fails where the limit throws as %s', (_, at) => {
    marbles(({ cold, expectObservable }) => {
      let reads = 0;
      const limit = () => {
        reads += 1;
        if (reads === at) throw 'broken';
        return 1;
      };
      const work = (slot: Slot) => slot.stepAside(cold<string>('--r')).pipe(ignoreElements());
      const result = cold('a--', values).pipe(byKey(work, { limit }));
      expectObservable(result).toBe(at < 3 ? '#' : '--#', undefined, 'broken');
    })();
  });

  it(
    'passes an error on at once, and whoever goes on after it holds no slot',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  apx|', values);
      const expected = '     ---e-p---(x|)';
      const work = (slot: Slot) =>
        slot.stepAside(cold<string>('---#')).pipe(catchError(() => of('e')));
      expectObservable(source.pipe(byKey(work))).toBe(expected, { ...values, e: 'e' });
    }),
  );

  it(
    'fails with what it waits for where nobody catches it',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                      ap--|', values);
      const result = source.pipe(byKey((slot) => slot.stepAside(cold<string>('---#'))));
      expectObservable(result).toBe('           ---#');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    }),
  );

  it.each([
    ['aside', '-------r|'],
    ['waiting to come back', '--r|'],
  ])('counts right where the work leaves it while %s, and goes on', (_, ready) => {
    marbles(({ cold, expectObservable }) => {
      const named = { ...values, q: 'd1', z: 'z' };
      const source = cold('apxq|', named);
      const expected = '   ---z-p---x---(q|)';
      const work = (slot: Slot) => {
        const called$ = timer(3).pipe(map(() => 'z'));
        const rest$ = timer(6).pipe(ignoreElements());
        return concat(race(slot.stepAside(cold<string>(ready)), called$), rest$);
      };
      expectObservable(source.pipe(byKey(work))).toBe(expected, named);
    })();
  });

  it(
    'ends with the result, and starts afresh with the next subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const ready = cold<string>('             ---r|');
      const result = cold('            ap|', values).pipe(byKey((slot) => slot.stepAside(ready)));
      expectObservable(result, '       ^-!').toBe('--');
      expectObservable(result, '       -------^').toBe('------------(pr|)', { ...values, r: 'r' });
      expectSubscriptions(ready.subscriptions).toBe(['^-!', '-------^--!']);
    }),
  );

  it('starts nobody, and lets nobody come back, while all is torn down', () => {
    const log: string[] = [];
    const ended$ = new Subject<string>();
    const all = of('a', 'b', 'c')
      .pipe(
        mergeMapByKey(
          (value) => value,
          (value, slot) => {
            log.push(value);
            return value === 'a'
              ? NEVER.pipe(finalize(() => ended$.next('came back')))
              : slot.stepAside(ended$).pipe(tap((back) => log.push(back)));
          },
          { limit: () => (log.length < 2 ? 2 : 1), busy: () => EMPTY },
        ),
      )
      .subscribe();
    all.unsubscribe();
    expect(log).toEqual(['a', 'b']);
  });

  it('comes back though it is ready while others are being started', () => {
    const log: string[] = [];
    const go$ = new Subject<void>();
    const ready$ = new Subject<string>();
    of('a1', 'b1', 'c1')
      .pipe(
        mergeMapByKey(
          (value) => value,
          (value, slot) =>
            value === 'a1'
              ? go$.pipe(concatMap(() => slot.stepAside(ready$)))
              : of(value).pipe(tap(() => ready$.next('back'))),
          { limit: 1, busy: () => EMPTY },
        ),
      )
      .subscribe((value) => log.push(value));
    go$.next();
    expect(log).toEqual(['b1', 'back']);
  });

  it('takes its slot once where it waits for several things at once', () => {
    const log: string[] = [];
    const ready = [new Subject<string>(), new Subject<string>()] as const;
    of('a', 'b')
      .pipe(
        mergeMapByKey(
          (value) => value,
          (value, slot) =>
            value === 'a'
              ? forkJoin(ready.map((ready$) => slot.stepAside(ready$))).pipe(map(String))
              : of(value),
          { limit: 1, busy: () => EMPTY },
        ),
      )
      .subscribe((value) => log.push(value));
    ready[0].next('r');
    ready[1].next('s');
    expect(log).toEqual(['b', 'r,s']);
  });

  it('takes no slot for what outlives its work', () => {
    const log: string[] = [];
    const source$ = new Subject<string>();
    const ready$ = new Subject<string>();
    source$
      .pipe(
        mergeMapByKey(
          (value) => value,
          (value, slot) => {
            if (value === 'a') slot.stepAside(ready$).subscribe((back) => log.push(back));
            return of(value);
          },
          { limit: 1, busy: () => EMPTY },
        ),
      )
      .subscribe((value) => log.push(value));
    source$.next('a');
    ready$.next('late');
    source$.next('b');
    expect(log).toEqual(['a', 'late', 'b']);
  });

  it('brings many back without growing the stack', () => {
    const gate$ = new Subject<number>();
    let ended = 0;
    range(0, 2000)
      .pipe(
        mergeMapByKey(String, (_, slot) => slot.stepAside(gate$), { limit: 1, busy: () => EMPTY }),
      )
      .subscribe({ next: () => (ended += 1), complete: () => (ended *= 10) });
    gate$.next(1);
    expect(ended).toBe(20_000);
  });

  it.each(['aside', 'coming back'])('holds no place in a bulkhead after it was left %s', (when) => {
    const bulkhead = new Bulkhead(() => 1);
    const first: Place[] = [];
    bulkhead.place().subscribe((place) => first.push(place));
    const all = of('a', 'b')
      .pipe(
        mergeMapByKey(
          (value) => value,
          (value, slot) => (value === 'a' ? inPlace(bulkhead, slot, NEVER) : NEVER),
          { limit: 1, busy: () => EMPTY },
        ),
      )
      .subscribe();
    if (when === 'coming back') first[0]?.leave();
    all.unsubscribe();
    first[0]?.leave();
    const after: Place[] = [];
    bulkhead.place().subscribe((place) => after.push(place));
    expect(after).toHaveLength(1);
  });

  it('keeps to the limit, one per key, fair and in order, and answers every value once, in any interleaving', () => {
    const step = fc.tuple(fc.constantFrom(...STEPS), fc.nat(60));
    fc.assert(
      fc.property(fc.nat(4), fc.array(step, { maxLength: 80 }), (limit, steps) => {
        const world = new SlotsWorld(limit);
        for (const [take, n] of steps) {
          take(world, n);
          expect(world.faults()).toEqual([]);
        }
        world.finish();
        expect(world.faults()).toEqual([]);
        expect(world.answers.toSorted()).toEqual(world.asked.toSorted());
        expect(world.completed).toBe(true);
      }),
    );
  });
});

/** Work in a place of `bulkhead`, waited for without the slot. */
function inPlace(bulkhead: Bulkhead, slot: Slot, work$: Observable<string>): Observable<string> {
  return defer(() => {
    let place: Place | null = null;
    const entered$ = bulkhead.place().pipe(
      tap((entered) => {
        place = entered;
      }),
    );
    return slot.stepAside(entered$).pipe(
      mergeMap(() => work$),
      finalize(() => place?.leave()),
    );
  });
}
