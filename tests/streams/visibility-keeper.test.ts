import { asyncScheduler, ignoreElements, merge, of, tap } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import type { QueueMessage, VisibilityChange } from '#ports/queue.ts';
import { type VisibilityKeeper, visibilityKeeper } from '#streams/visibility-keeper.ts';
import { aMessage } from '../support/a-message.ts';
import { marbles } from '../support/marbles.ts';

const one = aMessage({}, { id: 'one' });
const two = aMessage({}, { id: 'two' });

/** A keeper that looks every 10 ms and hides for 60, and what it renewed when, as `30 one`. */
function keeping(renewed: (change: VisibilityChange, call: number) => boolean = () => true) {
  const renewals: string[] = [];
  const keeper = visibilityKeeper(
    (change) => {
      expect(change.seconds).toBe(0.06);
      renewals.push(`${asyncScheduler.now()} ${change.message.id}`);
      return of(renewed(change, renewals.length));
    },
    { visibilitySeconds: 0.06, everyMs: 10, now: () => asyncScheduler.now() },
  );
  return { keeper, renewals };
}

/** Runs the keeper while a scenario of letters does what they stand for; ends at 100 ms. */
function play(
  { cold, expectObservable, flush }: RunHelpers,
  keeper: VisibilityKeeper,
  marble: string,
  acts: Readonly<Record<string, (keeper: VisibilityKeeper) => void>>,
): void {
  const acts$ = cold(marble).pipe(
    tap((letter) => acts[letter]?.(keeper)),
    ignoreElements(),
  );
  expectObservable(merge(keeper.run$, acts$), '^ 99ms !').toBe('-');
  flush();
}

const keep = (message: QueueMessage) => (keeper: VisibilityKeeper) => keeper.keep(message);
const letGo = (message: QueueMessage) => (keeper: VisibilityKeeper) => keeper.letGo(message);

describe('visibilityKeeper', () => {
  it(
    'renews a message whenever its visibility is half over',
    marbles((helpers) => {
      const { keeper, renewals } = keeping();
      play(helpers, keeper, 'a', { a: keep(one) });
      expect(renewals).toEqual(['30 one', '60 one', '90 one']);
    }),
  );

  it(
    'renews each message by its own time',
    marbles((helpers) => {
      const { keeper, renewals } = keeping();
      play(helpers, keeper, 'a 14ms b', { a: keep(one), b: keep(two) });
      expect(renewals).toEqual(['30 one', '50 two', '60 one', '80 two', '90 one']);
    }),
  );

  it(
    'stops once a message is let go',
    marbles((helpers) => {
      const { keeper, renewals } = keeping();
      play(helpers, keeper, 'a 44ms b', { a: keep(one), b: letGo(one) });
      expect(renewals).toEqual(['30 one']);
    }),
  );

  it(
    'tries a renewal that failed again at the next look, before the other half is over',
    marbles((helpers) => {
      const { keeper, renewals } = keeping((_change, call) => call > 2);
      play(helpers, keeper, 'a', { a: keep(one) });
      expect(renewals).toEqual(['30 one', '40 one', '50 one', '80 one']);
    }),
  );

  it(
    'does not take up again what was let go while its renewal failed',
    marbles((helpers) => {
      const { keeper, renewals } = keeping(({ message }) => {
        keeper.letGo(message);
        return false;
      });
      play(helpers, keeper, 'a', { a: keep(one) });
      expect(renewals).toEqual(['30 one']);
    }),
  );

  it(
    'tells two deliveries of one message apart',
    marbles((helpers) => {
      const { keeper, renewals } = keeping();
      play(helpers, keeper, '(ab) 6ms c', {
        a: keep(one),
        b: keep({ ...one, id: 'one again' }),
        c: letGo(one),
      });
      expect(renewals).toEqual(['30 one again', '60 one again', '90 one again']);
    }),
  );

  it(
    'holds up no renewal by a slow one, and never asks twice while one is under way',
    marbles(({ cold, expectObservable, flush }) => {
      const asked: string[] = [];
      const keeper = visibilityKeeper(
        ({ message }) => {
          asked.push(`${asyncScheduler.now()} ${message.id}`);
          return cold('25ms x', { x: true });
        },
        { visibilitySeconds: 0.06, everyMs: 10, now: () => asyncScheduler.now() },
      );
      keeper.keep(one);
      keeper.keep(two);
      expectObservable(keeper.run$, '^ 55ms !').toBe('-');
      flush();
      expect(asked).toEqual(['30 one', '30 two']);
    }),
  );

  it(
    'does nothing while nobody runs it',
    marbles(({ cold, expectObservable, flush }) => {
      const { keeper, renewals } = keeping();
      keeper.keep(one);
      expectObservable(cold('100ms |')).toBe('100ms |');
      flush();
      expect(renewals).toEqual([]);
    }),
  );
});
