import { map, merge, mergeMap, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { batched } from '#streams/batched.ts';
import { marbles } from '../support/marbles.ts';

const OPTIONS = { sizeMax: 3, lingerMs: 5, callsMax: 3, retryDelayMs: 4 };

type Answer = readonly boolean[] | Error;

/**
 * A batched door to a service that takes 1 ms and gives its answers in turn, the last one for ever. Entries are letters,
 * submitted as they come; the result has each as a capital where it was taken, and as it was where not.
 */
function through({ cold }: RunHelpers, ...answers: readonly Answer[]) {
  const calls: string[] = [];
  const send = (entries: readonly string[]): Observable<readonly boolean[]> => {
    const answer = answers[Math.min(calls.length, answers.length - 1)] ?? [];
    calls.push(entries.join(''));
    return answer instanceof Error ? cold('-#', undefined, answer) : cold('-(x|)', { x: answer });
  };
  const { submit, run$ } = batched(send, OPTIONS);
  const results = (entries$: Observable<string>): Observable<string> =>
    merge(
      run$,
      entries$.pipe(
        mergeMap((entry) =>
          submit(entry).pipe(map((taken) => (taken ? entry.toUpperCase() : entry))),
        ),
      ),
    );
  return { calls, results, submit, run$ };
}

const YES = [true, true, true];
const NO = [false, false, false];
const DOWN = new Error('no answer');

describe('batched', () => {
  it(
    'sends a full batch at once',
    marbles((helpers) => {
      const { results, calls } = through(helpers, YES);
      const entries = helpers.cold('-a-b-c-');
      helpers.expectObservable(results(entries), '^--------!').toBe('------(ABC)');
      helpers.flush();
      expect(calls).toEqual(['abc']);
    }),
  );

  it(
    'sends what there is once the first entry has waited long enough',
    marbles((helpers) => {
      const { results, calls } = through(helpers, YES);
      const entries = helpers.cold('-a-b-----c-');
      helpers.expectObservable(results(entries), '^----------------!').toBe('-------(AB)----C-');
      helpers.flush();
      expect(calls).toEqual(['ab', 'c']);
    }),
  );

  it(
    'has several batches under way where one is slow',
    marbles(({ cold, expectObservable }) => {
      const send = ([first]: readonly string[]) =>
        cold(first === 'a' ? '------------x|' : '-x|', { x: YES });
      const { submit, run$ } = batched(send, OPTIONS);
      const answers = cold('   (abc)(def)').pipe(
        mergeMap((entry) => submit(entry).pipe(map(() => entry.toUpperCase()))),
      );
      const expected = '       ------(DEF)-(ABC)';
      expectObservable(merge(run$, answers), '^-------------!').toBe(expected);
    }),
  );

  it(
    'sends again what was not taken, that alone, after a pause',
    marbles((helpers) => {
      const { results, calls } = through(helpers, [true, false, true], [true]);
      const entries = helpers.cold('                   (abc)');
      helpers.expectObservable(results(entries), '     ^--------!').toBe('-(AC)-B');
      helpers.flush();
      expect(calls).toEqual(['abc', 'b']);
    }),
  );

  it(
    'takes an error for "none taken"',
    marbles((helpers) => {
      const { results, calls } = through(helpers, DOWN, YES);
      const entries = helpers.cold('                   (ab)');
      helpers.expectObservable(results(entries), '     ^--------------!').toBe('-----------(AB)');
      helpers.flush();
      expect(calls).toEqual(['ab', 'ab']);
    }),
  );

  it(
    'takes a missing answer for "not taken"',
    marbles((helpers) => {
      const { results, calls } = through(helpers, [true], [true]);
      const entries = helpers.cold('                   (abc)');
      helpers.expectObservable(results(entries), '     ^-------------!').toBe('-A----B----C');
      helpers.flush();
      expect(calls).toEqual(['abc', 'bc', 'c']);
    }),
  );

  it.each<[string, Answer]>([
    ['are not taken', NO],
    ['fail', DOWN],
  ])('answers "no" after three calls that %s, and goes on', (_, answer) => {
    marbles((helpers) => {
      const { results, calls } = through(helpers, answer, answer, answer, YES);
      const entries = helpers.cold('                   (abc)-----------(def)');
      const expected = '                               -----------(abc)-(DEF)';
      helpers.expectObservable(results(entries), '     ^--------------------!').toBe(expected);
      helpers.flush();
      expect(calls).toEqual(['abc', 'abc', 'abc', 'def']);
    })();
  });

  it(
    'sends when it is told to, whether anybody waits for the answer or not',
    marbles((helpers) => {
      const { submit, run$, calls } = through(helpers, YES);
      const submissions = helpers.cold('--a').pipe(
        mergeMap((entry) => {
          submit(entry);
          return [];
        }),
      );
      helpers.expectObservable(merge(run$, submissions), '^---------!').toBe('-');
      helpers.flush();
      expect(calls).toEqual(['a']);
    }),
  );

  it(
    'tells whoever asks later what came of it',
    marbles((helpers) => {
      const { submit, run$ } = through(helpers, YES);
      const answer = helpers.cold('--a').pipe(
        mergeMap((entry) => {
          const taken = submit(entry);
          return helpers.cold('---------x').pipe(mergeMap(() => taken));
        }),
      );
      helpers.expectObservable(merge(run$, answer), '^------------!').toBe('-----------t', {
        t: true,
      });
    }),
  );

  it(
    'leaves the calls under way when nobody runs it any more',
    marbles((helpers) => {
      const sending = helpers.cold('-----x|', { x: YES });
      const { submit, run$ } = batched(() => sending, OPTIONS);
      const entries = helpers.cold('(abc)').pipe(mergeMap((entry) => submit(entry)));
      helpers.expectObservable(merge(run$, entries), '^--!').toBe('-');
      helpers.expectSubscriptions(sending.subscriptions).toBe('^--!');
    }),
  );
});
