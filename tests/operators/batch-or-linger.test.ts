import { firstValueFrom, of, range, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { batchOrLinger } from '#operators/batch-or-linger.ts';
import { marbles } from '../support/marbles.ts';

const batches = {
  v: ['a'],
  w: ['a', 'b'],
  x: ['a', 'b', 'c'],
  y: ['d'],
  z: ['d', 'e'],
};

describe('batchOrLinger', () => {
  it(
    'never emits where nothing comes, and sets no timer',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                              -');
      expectObservable(source.pipe(batchOrLinger(3, 4)), '^ 60s !').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('    ^ 60s !');
    }),
  );

  it(
    'emits nothing for an empty source',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('--|').pipe(batchOrLinger(3, 4))).toBe('--|');
    }),
  );

  it(
    'emits one value after it has lingered',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  -a--------|');
      const expected = '     -----v----|';
      expectObservable(source.pipe(batchOrLinger(3, 4))).toBe(expected, batches);
    }),
  );

  it(
    'lingers from the first value of a batch, not from the last',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  -a-b------|');
      const expected = '     -----w----|';
      expectObservable(source.pipe(batchOrLinger(3, 4))).toBe(expected, batches);
    }),
  );

  it(
    'emits a full batch at once and forgets its timer',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  -a-bc-d-------|');
      const expected = '     ----x-----y---|';
      expectObservable(source.pipe(batchOrLinger(3, 4))).toBe(expected, batches);
    }),
  );

  it(
    'emits what is left when the source completes',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  -a-b-c---d-e|');
      const expected = '     -----x------(z|)';
      expectObservable(source.pipe(batchOrLinger(3, 4))).toBe(expected, batches);
    }),
  );

  it(
    'emits each value by itself where one is a full batch',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  -a--d|');
      const expected = '     -v--y|';
      expectObservable(source.pipe(batchOrLinger(1, 4))).toBe(expected, batches);
    }),
  );

  it(
    'fails with the source, and what was gathered goes with it',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  -a-bc-d-#');
      const expected = '     ----x---#';
      expectObservable(source.pipe(batchOrLinger(3, 4))).toBe(expected, batches);
    }),
  );

  it(
    'ends its timer and the source when it is left',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                              -a--------|');
      expectObservable(source.pipe(batchOrLinger(3, 4)), '^--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('    ^--!');
    }),
  );

  it(
    'cuts a synchronous source into full batches and a rest',
    marbles(({ expectObservable }) => {
      const source = of('a', 'b', 'c', 'd', 'e');
      expectObservable(source.pipe(batchOrLinger(3, 4))).toBe('(xz|)', batches);
    }),
  );

  it('stops a synchronous source when it is left', async () => {
    let produced = 0;
    const source = range(0, 1_000_000).pipe(
      tap(() => {
        produced += 1;
      }),
    );
    expect(await firstValueFrom(source.pipe(batchOrLinger(2, 4)))).toEqual([0, 1]);
    expect(produced).toBe(2);
  });

  it(
    'starts afresh with each subscription',
    marbles(({ cold, expectObservable }) => {
      const source = cold('  -a-b---|');
      const batched = source.pipe(batchOrLinger(3, 4));
      expectObservable(batched, '^-!').toBe('         --');
      expectObservable(batched, '--------^').toBe('   -------------w-|', batches);
    }),
  );

  it(
    'asks anew, as each batch begins, how long that one may wait',
    marbles(({ cold, expectObservable }) => {
      const lingers = [4, 2];
      const source = cold('  -a----b-----|');
      const expected = '     -----x--y---|';
      const linger = () => lingers.shift() ?? 0;
      expectObservable(source.pipe(batchOrLinger(3, linger))).toBe(expected, {
        x: ['a'],
        y: ['b'],
      });
    }),
  );

  it('keeps every value, once, in order', async () => {
    const seen: number[] = [];
    range(0, 1000)
      .pipe(batchOrLinger(7, 4))
      .subscribe((batch) => seen.push(...batch));
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  });
});
