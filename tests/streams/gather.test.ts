import { describe, it } from 'vitest';
import { gather } from '#streams/gather.ts';
import type { Done } from '#streams/job.ts';
import type { Outcome } from '#streams/outcome.ts';
import { aMessage } from '../support/a-message.ts';
import { marbles } from '../support/marbles.ts';

const one = aMessage({}, { id: 'one' });
const two = aMessage({}, { id: 'two' });
const done: Outcome = { kind: 'done', why: 'COMPLETED' };
const busy: Outcome = { kind: 'busy', afterSeconds: 3 };
const dead: Outcome = { kind: 'dead', code: 'UNKNOWN_OBJECT', detail: 'x' };

const part = (message: typeof one, parts: number, outcome: Outcome): Done => ({
  message,
  parts,
  outcome,
});

describe('gather', () => {
  it(
    'passes a message of one part as it comes',
    marbles(({ cold, expectObservable }) => {
      const values = { a: part(one, 1, done), b: part(two, 1, busy) };
      expectObservable(cold('-a-b|', values).pipe(gather())).toBe('-a-b|', values);
    }),
  );

  it(
    'waits for the last part, and tells the worst',
    marbles(({ cold, expectObservable }) => {
      const parts = cold('     -a-b-c-|', {
        a: part(one, 3, done),
        b: part(one, 3, busy),
        c: part(one, 3, dead),
      });
      expectObservable(parts.pipe(gather())).toBe('-----x-|', { x: part(one, 3, busy) });
    }),
  );

  it(
    'does not hold up others that are complete before',
    marbles(({ cold, expectObservable }) => {
      const parts = cold('     -a-b-c-|', {
        a: part(one, 2, done),
        b: part(two, 1, done),
        c: part(one, 2, busy),
      });
      expectObservable(parts.pipe(gather())).toBe('---y-x-|', {
        x: part(one, 2, busy),
        y: part(two, 1, done),
      });
    }),
  );

  it(
    'tells two deliveries of one message apart',
    marbles(({ cold, expectObservable }) => {
      const again = { ...one, receipt: 'another' };
      const parts = cold('     -a-b-(cd)-|', {
        a: part(one, 2, done),
        b: part(again, 2, done),
        c: part(again, 2, done),
        d: part(one, 2, busy),
      });
      expectObservable(parts.pipe(gather())).toBe('-----(yx)-|', {
        x: part(one, 2, busy),
        y: part(again, 2, done),
      });
    }),
  );

  it(
    'forgets a message once it is complete',
    marbles(({ cold, expectObservable }) => {
      const values = { a: part(one, 2, done), b: part(one, 2, busy) };
      expectObservable(cold('aabb|', values).pipe(gather())).toBe('-a-b|', values);
    }),
  );

  it(
    'emits nothing of what never becomes complete, and passes ends on',
    marbles(({ cold, expectObservable }) => {
      const values = { a: part(one, 2, done) };
      expectObservable(cold('-a-|', values).pipe(gather())).toBe('---|');
      expectObservable(cold('-a-#', values).pipe(gather())).toBe('---#');
      expectObservable(cold('|', values).pipe(gather())).toBe('|');
      expectObservable(cold('-', values).pipe(gather())).toBe('-');
    }),
  );

  it(
    'starts afresh with every subscription',
    marbles(({ cold, expectObservable }) => {
      const gathered = cold('-a|', { a: part(one, 2, done) }).pipe(gather());
      expectObservable(gathered).toBe('--|');
      expectObservable(gathered).toBe('--|');
    }),
  );
});
