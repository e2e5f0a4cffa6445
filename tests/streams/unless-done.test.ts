import { delay, EMPTY, map, of } from 'rxjs';
import { describe, it } from 'vitest';
import type { Done, Part } from '#streams/job.ts';
import { unlessDone } from '#streams/unless-done.ts';
import { aMessage } from '../support/a-message.ts';
import { marbles } from '../support/marbles.ts';

interface Open extends Part {
  readonly name: string;
}

const open = (name: string): Open => ({ message: aMessage(), parts: 1, name });
const done: Done = { message: aMessage(), parts: 1, outcome: { kind: 'done', why: 'x' } };
const values = { a: open('a'), b: open('b'), A: open('A'), B: open('B'), D: done };

const capitals = map((part: Open): Open => open(part.name.toUpperCase()));

describe('unlessDone', () => {
  it(
    'shows a stage what is open, and passes by what is done',
    marbles(({ cold, expectObservable }) => {
      const source = cold('-a-D-b--|', values);
      expectObservable(source.pipe(unlessDone(capitals))).toBe('-A-D-B--|', values);
    }),
  );

  it(
    'lets what is done overtake a slow stage, which it then waits for',
    marbles(({ cold, expectObservable }) => {
      const source = cold('                                  -a-D|', values);
      const slow = unlessDone<Open, Open>((parts$) => parts$.pipe(capitals, delay(5)));
      expectObservable(source.pipe(slow)).toBe('             ---D--(A|)', values);
    }),
  );

  it(
    'subscribes to its source once, and leaves it early',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-D-b--|', values);
      expectObservable(source.pipe(unlessDone(capitals)), '^---!').toBe('-A-D-', values);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    }),
  );

  it(
    'misses nothing of a synchronous source',
    marbles(({ expectObservable }) => {
      const source = of(values.a, values.D, values.b);
      expectObservable(source.pipe(unlessDone(capitals))).toBe('(ADB|)', values);
    }),
  );

  it(
    'fails with the source, and with the stage',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      expectObservable(cold('-D-#', values).pipe(unlessDone(capitals))).toBe('-D-#', values);
      const source = cold('-a-D-|', values);
      const broken = unlessDone<Open, Open>(
        map(() => {
          throw 'broken';
        }),
      );
      expectObservable(source.pipe(broken)).toBe('-#', undefined, 'broken');
      expectSubscriptions(source.subscriptions).toBe('^!');
    }),
  );

  it(
    'ends with an empty source, and never with a silent one',
    marbles(({ cold, expectObservable }) => {
      expectObservable(EMPTY.pipe(unlessDone<Open, Open>(capitals))).toBe('|');
      expectObservable(cold<Open>('-').pipe(unlessDone(capitals))).toBe('-');
    }),
  );
});
