import { lastValueFrom, of, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '#streams/outcome.ts';
import { type Settlement, settle } from '#streams/settle.ts';
import type { Stages } from '#streams/stages.ts';
import { aMessage } from '../support/a-message.ts';
import { fakeStages } from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const message = aMessage();
const done: Outcome = { kind: 'done', why: 'COMPLETED' };
const busy: Outcome = { kind: 'busy', afterSeconds: 3 };
const retry: Outcome = { kind: 'retry', afterSeconds: 7, code: 'STORE_UNAVAILABLE' };
const dead: Outcome = { kind: 'dead', code: 'MALFORMED_MESSAGE', detail: 'no JSON' };
const drop: Outcome = { kind: 'drop', code: 'LEASE_LOST' };

/** What the stages were asked for one outcome, and whether the message is settled. */
async function settled(outcome: Outcome, overrides: Partial<Stages> = {}) {
  const { stages, calls } = fakeStages(overrides);
  const ends = await lastValueFrom(
    of({ message, parts: 1, outcome }).pipe(settle(stages), toArray()),
  );
  expect(ends).toEqual([{ message, outcome, settled: expect.any(Boolean) }]);
  return { calls, settled: ends[0]?.settled };
}

const fails = () => throwError(() => new Error('no answer'));

describe('settling a message', () => {
  it.each<[string, Outcome, readonly string[]]>([
    ['removes what is done', done, ['remove m1']],
    ['delays what is busy', busy, ['delay m1 3 s']],
    ['delays what is to be tried again', retry, ['delay m1 7 s']],
    ['buries what is dead, and then removes it', dead, ['bury m1 MALFORMED_MESSAGE', 'remove m1']],
    ['leaves what has passed to another', drop, ['leave m1']],
  ])('%s', async (_, outcome, calls) => {
    expect(await settled(outcome)).toEqual({ calls, settled: true });
  });

  it.each<[string, Outcome, Partial<Stages>, readonly string[]]>([
    ['a removal is not taken', done, { remove: () => of(false) }, ['remove m1', 'leave m1']],
    ['a removal fails', done, { remove: fails }, ['remove m1', 'leave m1']],
    ['a delay is not taken', busy, { delay: () => of(false) }, ['delay m1 3 s', 'leave m1']],
    ['a delay fails', retry, { delay: fails }, ['delay m1 7 s', 'leave m1']],
    [
      'a burial is not taken',
      dead,
      { bury: () => of(false) },
      ['bury m1 MALFORMED_MESSAGE', 'leave m1'],
    ],
    ['a burial fails', dead, { bury: fails }, ['bury m1 MALFORMED_MESSAGE', 'leave m1']],
  ])('leaves the message to come again where %s', async (_, outcome, overrides, calls) => {
    expect(await settled(outcome, overrides)).toEqual({ calls, settled: false });
  });

  it(
    'removes a dead message only once it is buried',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const bury = cold('              ---x|', { x: true });
      const remove = cold('               --x|', { x: true });
      const { stages } = fakeStages({ bury: () => bury, remove: () => remove });
      const ends = cold('-a|', { a: { message, parts: 1, outcome: dead } });
      expectObservable(ends.pipe(settle(stages))).toBe('------s|', {
        s: { message, outcome: dead, settled: true } satisfies Settlement,
      });
      expectSubscriptions(bury.subscriptions).toBe('    -^---!');
      expectSubscriptions(remove.subscriptions).toBe('  ----^--!');
    }),
  );

  it(
    'does not let one slow settlement hold up another',
    marbles(({ cold, expectObservable }) => {
      const two = aMessage({}, { id: 'm2' });
      const { stages } = fakeStages({
        remove: ({ id }) => cold(id === 'm1' ? '-----x|' : '-x|', { x: true }),
      });
      const ends = cold('(ab|)', {
        a: { message, parts: 1, outcome: done },
        b: { message: two, parts: 1, outcome: done },
      });
      expectObservable(ends.pipe(settle(stages))).toBe('-t---s|', {
        s: { message, outcome: done, settled: true },
        t: { message: two, outcome: done, settled: true },
      });
    }),
  );
});
