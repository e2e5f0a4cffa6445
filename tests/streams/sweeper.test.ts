/*
 * The sweeper in virtual time: an observable in place of every look at the index and at an asset. Assets go by letters.
 */
import { map, type Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '#app/commands/sweep-asset.ts';
import type { AssetKey } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { type SweepStages, type Swept, sweeper, sweepOnce } from '#streams/sweeper.ts';
import { named } from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const down = new ForgeError('STORE_UNAVAILABLE', 'transient', 'no answer');

const letterOf = ({ assetId }: AssetKey): string => assetId.slice(-1);
const keys = (letters: string): readonly AssetKey[] => [...letters].map(named);

/** Stages over what each shard answers and what each sweep does, both by default at once and well. */
function stagesOf(
  shards: readonly (() => Observable<string>)[],
  sweep: (letter: string) => Observable<Finding> = () => of('command sent'),
): SweepStages {
  return {
    shards: shards.length,
    due: (shard) => (shards[shard]?.() ?? of('')).pipe(map(keys)),
    sweep: (key) => sweep(letterOf(key)),
  };
}

/** `a command sent`, or `shard 1 error`, so that marbles can tell. */
const told = (swept$: Observable<Swept>): Observable<string> =>
  swept$.pipe(
    map((one) => `${'key' in one ? letterOf(one.key) : `shard ${one.shard}`} ${one.finding}`),
  );

const thrown = (): never => {
  throw down;
};

describe('one pass', () => {
  it(
    'looks at one shard after the other, and at assets as soon as they are found',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('  --(k|)        ', { k: 'ab' });
      const two = cold('    ----(k|)    ', { k: '' });
      const three = cold('      -(k|)   ', { k: 'c' });
      const sweep = () => cold<Finding>('-(f|)', { f: 'expired' });
      const swept$ = sweepOnce(stagesOf([() => one, () => two, () => three], sweep), 8);
      expectObservable(told(swept$)).toBe('---(ab)-(c|)', {
        a: 'a expired',
        b: 'b expired',
        c: 'c expired',
      });
      expectSubscriptions(one.subscriptions).toBe('  ^-!');
      expectSubscriptions(two.subscriptions).toBe('  --^---!');
      expectSubscriptions(three.subscriptions).toBe('------^!');
    }),
  );

  it(
    'looks at no more assets at once than it may, whatever shard they are in',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold<Finding>('      -------(f|)', { f: 'expired' });
      const b = cold<Finding>('      --(f|)     ', { f: 'failed' });
      const c = cold<Finding>('        --(f|)   ', { f: 'refused' });
      const d = cold<Finding>('          -(f|)  ', { f: 'unlisted' });
      const looks = new Map(Object.entries({ a, b, c, d }));
      const sweep = (letter: string): Observable<Finding> => looks.get(letter) ?? of();
      const stages = stagesOf([() => of('ab'), () => of('cd')], sweep);
      expectObservable(told(sweepOnce(stages, 2))).toBe('--b-cd-(a|)', {
        a: 'a expired',
        b: 'b failed',
        c: 'c refused',
        d: 'd unlisted',
      });
      expectSubscriptions(a.subscriptions).toBe('^------!');
      expectSubscriptions(b.subscriptions).toBe('^-!');
      expectSubscriptions(c.subscriptions).toBe('--^-!');
      expectSubscriptions(d.subscriptions).toBe('----^!');
    }),
  );

  it(
    'keeps an error with its asset',
    marbles(({ cold, expectObservable }) => {
      const sweep = (letter: string) => {
        if (letter === 'a') return cold<Finding>('-#', undefined, down);
        return letter === 'b' ? thrown() : cold<Finding>('--(f|)', { f: 'failed' });
      };
      const stages = stagesOf([() => of('abc'), () => of('d')], sweep);
      expectObservable(told(sweepOnce(stages, 4))).toBe('ba(cd|)', {
        a: 'a error',
        b: 'b error',
        c: 'c failed',
        d: 'd failed',
      });
    }),
  );

  it(
    'keeps an error with its shard',
    marbles(({ cold, expectObservable }) => {
      const stages = stagesOf([
        () => cold<string>('--#', undefined, down),
        thrown,
        () => cold('----(k|)', { k: 'a' }),
      ]);
      expectObservable(told(sweepOnce(stages, 1))).toBe('--(xy)(a|)', {
        x: 'shard 0 error',
        y: 'shard 1 error',
        a: 'a command sent',
      });
    }),
  );

  it(
    'is over at once where nothing is due',
    marbles(({ expectObservable }) => {
      expectObservable(sweepOnce(stagesOf([() => of(''), () => of('')]), 1)).toBe('|');
      expectObservable(sweepOnce(stagesOf([]), 1)).toBe('|');
    }),
  );

  it(
    'looks no more once nobody listens',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const one = cold('  (k|)', { k: 'ab' });
      const two = cold('  ----(k|)', { k: 'c' });
      const look = cold<Finding>('------(f|)', { f: 'failed' });
      const stages = stagesOf([() => one, () => two], () => look);
      expectObservable(sweepOnce(stages, 1), '--!').toBe('');
      expectSubscriptions(two.subscriptions).toBe('^-!');
      expectSubscriptions(look.subscriptions).toBe('^-!');
    }),
  );
});

describe('the sweeper', () => {
  const options = { everyMs: 8, concurrency: 2, random: () => 0.25 };
  const a = 'a command sent';

  it(
    'sweeps first after a random part of the time between sweeps, and then at that rhythm',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const due = cold('(k|)', { k: 'a' });
      expectObservable(told(sweeper(stagesOf([() => due]), options)), '20ms !').toBe(
        '--a-------a-------a',
        { a },
      );
      expectSubscriptions(due.subscriptions).toBe([
        '--(^!)',
        '----------(^!)',
        '------------------(^!)',
      ]);
    }),
  );

  it(
    'does not sweep together with another that starts with it',
    marbles(({ expectObservable }) => {
      const draws = [0, 0.5];
      const random = () => draws.shift() ?? 0;
      const swept$ = told(sweeper(stagesOf([() => of('a')]), { ...options, random }));
      expect(draws).toHaveLength(2);
      expectObservable(swept$, '10ms !').toBe('a-------a', { a });
      expectObservable(swept$, '10ms !').toBe('----a', { a });
    }),
  );

  it(
    'does not overtake a sweep that takes longer than the time between two',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const due = cold('k 11ms (k|)', { k: 'a' });
      expectObservable(told(sweeper(stagesOf([() => due]), options)), '22ms !').toBe(
        '--a 11ms a---a',
        { a },
      );
      expectSubscriptions(due.subscriptions).toBe(['--^ 11ms !', '18ms ^---!']);
    }),
  );

  it(
    'goes on after a sweep in which nothing went well',
    marbles(({ cold, expectObservable }) => {
      const shards = [
        [cold<string>('-#', undefined, down), cold('-(k|)', { k: 'a' })],
        [cold('(k|)', { k: 'b' }), cold('(k|)', { k: 'c' })],
      ].map((answers) => () => answers.shift() ?? of(''));
      const sweep = (letter: string) => (letter === 'b' ? thrown() : of<Finding>('failed'));
      expectObservable(told(sweeper(stagesOf(shards, sweep), options)), '12ms !').toBe(
        '---(xb)----(ac)',
        { x: 'shard 0 error', a: 'a failed', b: 'b error', c: 'c failed' },
      );
    }),
  );

  it(
    'ends what it is doing once nobody listens',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const look = cold<Finding>('------(f|)', { f: 'failed' });
      expectObservable(
        sweeper(
          stagesOf([() => of('a')], () => look),
          options,
        ),
        '----!',
      ).toBe('');
      expectSubscriptions(look.subscriptions).toBe('--^-!');
    }),
  );

  it(
    'asks for nothing before its time, and nothing after it is left',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const due = cold('(k|)', { k: 'a' });
      expectObservable(sweeper(stagesOf([() => due]), options), '-!').toBe('');
      expectSubscriptions(due.subscriptions).toBe([]);
    }),
  );
});
