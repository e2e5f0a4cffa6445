import {
  count,
  EMPTY,
  firstValueFrom,
  map,
  NEVER,
  type Observable,
  of,
  range,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type MergeMapByKeyOptions, mergeMapByKey } from '#operators/merge-map-by-key.ts';
import { marbles } from '../support/marbles.ts';

// Values are named by key and number: a1 and a2 share the key a. Marbles are one character, so this maps them.
const values = { a: 'a1', b: 'a2', c: 'a3', p: 'b1', q: 'b2', x: 'c1' };
const keyOf = (value: string) => value.charAt(0);
const busy = (value: string) => of(`${value} busy`);

/** Work that takes 4 frames, and says which value it did. */
const four = (value: string) => timer(4).pipe(map(() => value));

const byKey = (
  project: (value: string) => Observable<string> = four,
  options: Partial<MergeMapByKeyOptions<string, string>> = {},
) => mergeMapByKey(keyOf, project, { limit: 2, busy, ...options });

describe('mergeMapByKey', () => {
  it(
    'never ends where the source never does',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-');
      expectObservable(source.pipe(byKey()), '^---!').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('     ^---!');
    }),
  );

  it(
    'completes with an empty source',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('--|').pipe(byKey())).toBe('--|');
    }),
  );

  it(
    'completes when the source has and the work too',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('a|', values).pipe(byKey())).toBe('----(a|)', values);
    }),
  );

  it(
    'emits all that the work on a value emits',
    marbles(({ cold, expectObservable }) => {
      const work = () => cold('-r-s-|');
      expectObservable(cold('a|', values).pipe(byKey(work))).toBe('-r-s-|');
    }),
  );

  it(
    'works on different keys at once, up to the limit, and lets others wait in order',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  apx|', values);
      const expected = '     ----ap--(x|)';
      expectObservable(source.pipe(byKey())).toBe(expected, values);
    }),
  );

  it(
    'works on one value of a key at a time',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  ab|', values);
      const expected = '     ----a---(b|)';
      expectObservable(source.pipe(byKey())).toBe(expected, values);
    }),
  );

  it(
    'answers busy where one of the key waits already, at once and without a slot',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  abc|', values);
      const expected = '     --y-a---(b|)';
      expectObservable(source.pipe(byKey())).toBe(expected, { ...values, y: 'a3 busy' });
    }),
  );

  it(
    'answers busy too where the one that waits does so for a slot, its key idle',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  apq|', values);
      const expected = '     --y-a---(p|)';
      const limited = byKey(four, { limit: 1 });
      expectObservable(source.pipe(limited)).toBe(expected, { ...values, y: 'b2 busy' });
    }),
  );

  it(
    'takes another value of a key as soon as the one that waited works',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  ab---c|', values);
      const expected = '     ----a---b---(c|)';
      expectObservable(source.pipe(byKey())).toBe(expected, values);
    }),
  );

  it(
    'gives a slot to the one that waited longest, its key or another',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  abp|', values);
      const expected = '     ----a---b---(p|)';
      expectObservable(source.pipe(byKey(four, { limit: 1 }))).toBe(expected, values);
    }),
  );

  it(
    'passes over one whose key still works',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  apbx|', values);
      const work = (value: string) => timer(value === 'a1' ? 20 : 4).pipe(map(() => value));
      const expected = '     -----p---x----------a---(b|)';
      expectObservable(source.pipe(byKey(work))).toBe(expected, values);
    }),
  );

  it(
    'keeps a key to one at a time until the teardown of its work has run',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const works = [cold('   --r|'), cold('--s|')];
      const [first, second] = works;
      const source = cold('  ab|', values);
      expectObservable(source.pipe(byKey(() => works.shift() ?? EMPTY))).toBe('--r--s|');
      expectSubscriptions(first?.subscriptions ?? []).toBe(' ^--!');
      expectSubscriptions(second?.subscriptions ?? []).toBe('---^--!');
    }),
  );

  it(
    'reads a live limit again whenever a value comes or a slot is freed',
    marbles(({ cold, expectObservable }) => {
      const limits = [1, 1, 1, 2, 2, 2];
      const source = cold('  apx|', values);
      const expected = '     ----a---(px|)';
      const live = byKey(four, { limit: () => limits.shift() ?? 2 });
      expectObservable(source.pipe(live)).toBe(expected, values);
    }),
  );

  it(
    'starts nothing more while a limit that shrank is exceeded',
    marbles(({ cold, expectObservable }) => {
      let limit = 2;
      const source = cold('  ap-x--|', values).pipe(
        tap((value) => {
          if (value === 'c1') limit = 1;
        }),
      );
      const expected = '     ----ap---(x|)';
      expectObservable(source.pipe(byKey(four, { limit: () => limit }))).toBe(expected, values);
    }),
  );

  it(
    'lets all wait at limit zero, until a value finds it raised',
    marbles(({ cold, expectObservable }) => {
      let limit = 0;
      const source = cold('  a--p|', values).pipe(
        tap((value) => {
          if (value === 'b1') limit = 2;
        }),
      );
      const expected = '     -------(ap|)';
      expectObservable(source.pipe(byKey(four, { limit: () => limit }))).toBe(expected, values);
    }),
  );

  it(
    'starts one that waits where another of its key finds the limit raised, and lets that one wait',
    marbles(({ cold, expectObservable }) => {
      let limit = 0;
      const source = cold('  a--b|', values).pipe(
        tap((value) => {
          if (value === 'a2') limit = 1;
        }),
      );
      const expected = '     -------a---(b|)';
      expectObservable(source.pipe(byKey(four, { limit: () => limit }))).toBe(expected, values);
    }),
  );

  it(
    'gives a slot to the group with the fewest keys at work',
    marbles(({ cold, expectObservable }) => {
      // All but c are of one group: they came first, and one of them still works.
      const named = { ...values, d: 'd1', e: 'e1' };
      const source = cold('  (apdex|)', named);
      const expected = '     ----a---x---(pd)(e|)';
      const work = (value: string) => timer(value === 'b1' ? 12 : 4).pipe(map(() => value));
      const group = (value: string) => (value === 'c1' ? 'c' : 'others');
      expectObservable(source.pipe(byKey(work, { group }))).toBe(expected, named);
    }),
  );

  it(
    'gives a slot to the one that waited longest among groups with as many keys at work',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  (apx|)', values);
      const expected = '     ----a---p---(x|)';
      const oneByOne = byKey(four, { limit: 1, group: keyOf });
      expectObservable(source.pipe(oneByOne)).toBe(expected, values);
    }),
  );

  it(
    'lets a group that waits alone have all slots, and takes none from it',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  apx|', values);
      const expected = '     ----ap--(x|)';
      const group = (value: string) => (value === 'c1' ? 'c' : 'a');
      expectObservable(source.pipe(byKey(four, { group }))).toBe(expected, values);
    }),
  );

  it(
    'fails with the source, and ends the work',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('    ------|');
      const source = cold('  ap-#', values);
      expectObservable(source.pipe(byKey(() => work, { limit: 1 }))).toBe('---#');
      expectSubscriptions(work.subscriptions).toBe(['^--!']);
    }),
  );

  it(
    'fails with the work, ends the rest of it, and starts nobody in its place',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const started: string[] = [];
      const works: Record<string, Observable<string>> = {
        a1: cold('               ---#'),
        b1: cold('                --------|'),
      };
      const source = cold('      apx--|', values);
      const result = source.pipe(
        byKey((value) => {
          started.push(value);
          return works[value] ?? EMPTY;
        }),
      );
      expectObservable(result.pipe(tap({ error: () => started.push('failed') }))).toBe('---#');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectObservable(timer(20).pipe(map(() => started.join()))).toBe('20ms (t|)', {
        t: 'a1,b1,failed',
      });
    }),
  );

  it(
    'ends the source and all work when it is left, and what waits never starts',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('                                      ------|');
      const source = cold('                                   ap-------|', values);
      expectObservable(source.pipe(byKey(() => work, { limit: 1 })), '^---!').toBe('-----');
      expectSubscriptions(source.subscriptions).toBe('         ^---!');
      expectSubscriptions(work.subscriptions).toBe(['          ^---!']);
    }),
  );

  it.each<[string, () => ReturnType<typeof byKey>]>([
    ['the work throws', () => byKey(broken)],
    ['the work fails', () => byKey(() => throwError(() => 'broken'))],
    ['the key throws', () => mergeMapByKey<string, string>(broken, four, { limit: 2, busy })],
    ['the limit throws', () => byKey(four, { limit: broken })],
    ['the group throws', () => byKey(four, { group: broken })],
    ['busy throws', () => byKey(() => NEVER, { busy: broken })],
    ['busy fails', () => byKey(() => NEVER, { busy: () => throwError(() => 'broken') })],
  ])('fails where %s', (_, operator) => {
    const errors: unknown[] = [];
    of('a1', 'a2', 'a3')
      .pipe(operator())
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual(['broken']);
  });

  it(
    'fails where the limit throws when a slot is freed',
    marbles(({ cold, expectObservable }) => {
      const limits = [1, 1];
      const limit = () => limits.shift() ?? broken();
      const result = cold('ap|', values).pipe(byKey(four, { limit }));
      expectObservable(result).toBe('----(a#)', values, 'broken');
    }),
  );

  it(
    'takes a synchronous source of synchronous work',
    marbles(({ expectObservable }) => {
      const result = of('a1', 'a2', 'a3', 'b1').pipe(byKey((value) => of(value)));
      expectObservable(result).toBe('(abcp|)', values);
    }),
  );

  it('ends a long line of synchronous work without growing the stack', async () => {
    const line = range(0, 5000).pipe(
      mergeMapByKey(String, (value) => (value === 0 ? timer(0) : of(value)), {
        limit: 1,
        busy: () => EMPTY,
      }),
    );
    expect(await firstValueFrom(line.pipe(count()))).toBe(5000);
  });

  it('stops a synchronous source when it is left', async () => {
    let produced = 0;
    const source = range(0, 1_000_000).pipe(
      tap(() => {
        produced += 1;
      }),
      mergeMapByKey(String, (value) => of(value), { limit: 1, busy: () => EMPTY }),
    );
    expect(await firstValueFrom(source)).toBe(0);
    expect(produced).toBe(1);
  });

  it(
    'starts afresh with each subscription',
    marbles(({ cold, expectObservable }) => {
      const result = cold('ab|', values).pipe(byKey(four, { limit: 1 }));
      expectObservable(result, '^-!').toBe('  --');
      expectObservable(result, '--^').toBe('  ------a---(b|)', values);
    }),
  );
});

function broken(): never {
  throw 'broken';
}
