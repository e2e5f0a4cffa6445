import { defer, Observable, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { retryBackoff } from '#operators/retry-backoff.ts';
import { marbles } from '../support/marbles.ts';

/** Half the longest wait each time, every error retryable. */
const halves = {
  callsMax: 3,
  baseMs: 4,
  capMs: 1000,
  random: () => 0.5,
  isRetryable: () => true,
};

describe('retryBackoff', () => {
  it(
    'never ends where the source never does',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-');
      expectObservable(source.pipe(retryBackoff(halves)), '^---!').toBe('-');
      expectSubscriptions(source.subscriptions).toBe('          ^---!');
    }),
  );

  it(
    'completes with an empty source, without another call',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--|');
      expectObservable(source.pipe(retryBackoff(halves))).toBe('--|');
      expectSubscriptions(source.subscriptions).toBe('         ^-!');
    }),
  );

  it(
    'passes one value and many as they come',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a|').pipe(retryBackoff(halves))).toBe('-a|');
      expectObservable(cold('-a-b-(cd)|').pipe(retryBackoff(halves))).toBe('-a-b-(cd)|');
    }),
  );

  it(
    'calls again after half of 4, then half of 8, and gives up with the last error',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-#');
      expectObservable(source.pipe(retryBackoff(halves))).toBe('-a----a------a-#');
      expectSubscriptions(source.subscriptions).toBe(['^--!', '-----^--!', '------------^--!']);
    }),
  );

  it(
    'waits no longer than the cap',
    marbles(({ cold, expectSubscriptions, expectObservable }) => {
      const source = cold('#');
      const capped = { ...halves, callsMax: 4, capMs: 6 };
      expectObservable(source.pipe(retryBackoff(capped))).toBe('--------#');
      expectSubscriptions(source.subscriptions).toBe([
        '(^!)',
        '--(^!)',
        '-----(^!)',
        '--------(^!)',
      ]);
    }),
  );

  it(
    'draws new chance for every wait, none at all included',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const draws = [0, 0.75];
      const source = cold('-#');
      const jittered = { ...halves, random: () => draws.shift() ?? 0 };
      expectObservable(source.pipe(retryBackoff(jittered))).toBe('---------#');
      expectSubscriptions(source.subscriptions).toBe(['^!', '-^!', '--------^!']);
    }),
  );

  it(
    'fails at once with an error that will not pass',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-#', undefined, 'forbidden');
      const picky = { ...halves, isRetryable: (error: unknown) => error !== 'forbidden' };
      expectObservable(source.pipe(retryBackoff(picky))).toBe('-a-#', undefined, 'forbidden');
      expectSubscriptions(source.subscriptions).toBe('         ^--!');
    }),
  );

  it(
    'recovers where a later call works',
    marbles(({ cold, expectObservable }) => {
      const calls = [cold('-#'), cold('a|')];
      const source = defer(() => calls.shift() ?? cold('#'));
      expectObservable(source.pipe(retryBackoff(halves))).toBe('---a|');
    }),
  );

  it.each([1, 0])('makes one call where %i is allowed', (callsMax) =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      expectObservable(source.pipe(retryBackoff({ ...halves, callsMax }))).toBe('-#');
      expectSubscriptions(source.subscriptions).toBe('^!');
    })(),
  );

  it(
    'ends its wait when it is left',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-#');
      expectObservable(source.pipe(retryBackoff(halves)), '^-!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('          ^!');
    }),
  );

  it(
    'fails with what a callback throws',
    marbles(({ cold, expectObservable }) => {
      const broken = () => {
        throw 'broken';
      };
      const judge = cold('-#').pipe(retryBackoff({ ...halves, isRetryable: broken }));
      expectObservable(judge).toBe('-#', undefined, 'broken');
      const chance = cold('-#').pipe(retryBackoff({ ...halves, random: broken }));
      expectObservable(chance).toBe('-#', undefined, 'broken');
    }),
  );

  it(
    'takes a synchronous source, whether it fails or not',
    marbles(({ expectObservable }) => {
      expectObservable(of('a', 'b').pipe(retryBackoff(halves))).toBe('(ab|)');
      const failing = throwError(() => 'down').pipe(retryBackoff(halves));
      expectObservable(failing).toBe('------#', undefined, 'down');
    }),
  );

  it(
    'counts afresh for every subscription',
    marbles(({ expectObservable, expectSubscriptions, cold }) => {
      const source = cold('#');
      const twice = source.pipe(retryBackoff({ ...halves, callsMax: 2 }));
      expectObservable(twice, '^---').toBe('          --#');
      expectObservable(twice, '----------^---').toBe('------------#');
      expectSubscriptions(source.subscriptions).toBe([
        '(^!)',
        '--(^!)',
        '----------(^!)',
        '------------(^!)',
      ]);
    }),
  );

  it('calls the source no more often than it may', () => {
    let calls = 0;
    const source = new Observable<never>((subscriber) => {
      calls += 1;
      subscriber.error('down');
    });
    marbles(({ expectObservable }) => {
      expectObservable(source.pipe(retryBackoff({ ...halves, callsMax: 5, random: () => 0 }))).toBe(
        '#',
        undefined,
        'down',
      );
    })();
    expect(calls).toBe(5);
  });
});
