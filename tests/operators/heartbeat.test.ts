import { EMPTY, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { heartbeat } from '#operators/heartbeat.ts';
import { marbles } from '../support/marbles.ts';

describe('heartbeat', () => {
  it(
    'beats for as long as a source runs that never says anything',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                             -');
      const beat = cold('                                   -|');
      expectObservable(source.pipe(heartbeat(4, () => beat)), '^------------!').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('   ^------------!');
      expectSubscriptions(beat.subscriptions).toBe([
        '                                                ----^!',
        '                                                --------^!',
        '                                                ------------^!',
      ]);
    }),
  );

  it(
    'ends with an empty source before the first beat',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const beat = cold('-|');
      expectObservable(cold('--|').pipe(heartbeat(4, () => beat))).toBe('--|');
      expectSubscriptions(beat.subscriptions).toBe([]);
    }),
  );

  it(
    'passes one value and many as they come, and none of a beat',
    marbles(({ cold, expectObservable }) => {
      const beat = cold('x|');
      expectObservable(cold('-a---------|').pipe(heartbeat(4, () => beat))).toBe('-a---------|');
      expectObservable(cold('-a--b-(cd)-|').pipe(heartbeat(4, () => beat))).toBe('-a--b-(cd)-|');
    }),
  );

  it(
    'skips what is due while a slow beat runs',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  ---a--------------b|');
      const beat = cold('        ------|');
      const subs = ['        ----^-----!', '        ------------^-----!'];
      expectObservable(source.pipe(heartbeat(4, () => beat))).toBe('---a--------------b|');
      expectSubscriptions(beat.subscriptions).toBe(subs);
    }),
  );

  it(
    'ends a beat that runs when the source ends',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const beat = cold('        ------|');
      expectObservable(cold('-----a|').pipe(heartbeat(4, () => beat))).toBe('-----a|');
      expectSubscriptions(beat.subscriptions).toBe('----^-!');
    }),
  );

  it(
    'fails with a beat, and leaves the source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a------b-|');
      const beat = cold('        --#', undefined, 'lease lost');
      const result = source.pipe(heartbeat(4, () => beat));
      expectObservable(result).toBe('-a----#', undefined, 'lease lost');
      expectSubscriptions(source.subscriptions).toBe('^-----!');
    }),
  );

  it(
    'fails with what the callback throws, and leaves the source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a------b-|');
      const result = source.pipe(
        heartbeat(4, () => {
          throw 'broken';
        }),
      );
      expectObservable(result).toBe('-a--#', undefined, 'broken');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    }),
  );

  it(
    'fails with the source, and beats no more',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const beat = cold('        ---|');
      expectObservable(cold('-a---#').pipe(heartbeat(4, () => beat))).toBe('-a---#');
      expectSubscriptions(beat.subscriptions).toBe('----^!');
    }),
  );

  it(
    'ends the source and its beat when it is left',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('                             -a--------|');
      const beat = cold('                                   -----|');
      expectObservable(source.pipe(heartbeat(4, () => beat)), '^----!').toBe('-a----');
      expectSubscriptions(source.subscriptions).toBe('   ^----!');
      expectSubscriptions(beat.subscriptions).toBe('     ----^!');
    }),
  );

  it('takes a synchronous source, and leaves no timer behind', () => {
    let beats = 0;
    marbles(({ expectObservable }) => {
      const beat = () => {
        beats += 1;
        return EMPTY;
      };
      expectObservable(of('a', 'b').pipe(heartbeat(4, beat))).toBe('(ab|)');
      expectObservable(throwError(() => 'down').pipe(heartbeat(4, beat))).toBe(
        '#',
        undefined,
        'down',
      );
      expectObservable(NEVER, '^ 100ms !').toBe('-');
    })();
    expect(beats).toBe(0);
  });

  it(
    'starts its time afresh with each subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const beat = cold('|');
      const alive = cold('-----|').pipe(heartbeat(4, () => beat));
      expectObservable(alive, '^').toBe('-----|');
      expectObservable(alive, '------^').toBe('-----------|');
      expectSubscriptions(beat.subscriptions).toBe(['----(^!)', '----------(^!)']);
    }),
  );
});
