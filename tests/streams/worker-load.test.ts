/*
 * Many messages in one worker, with an observable in place of every stage: who waits for whom, when credit comes back, and
 * how it all ends. Messages are m1, m2, …, assets a, b, …; what was begun of the stages is told as text.
 */
import { EMPTY, ignoreElements, merge, NEVER, of, tap, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import type { Acquired } from '#ports/lock.ts';
import type { Stages } from '#streams/stages.ts';
import { worker } from '#streams/worker.ts';
import { aMessage, anS3Event } from '../support/a-message.ts';
import { aResult } from '../support/an-asset.ts';
import {
  aLock,
  asking,
  fakeStages,
  named,
  slotsOf,
  workerOptions,
  working,
} from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const result = aResult();
const lost = new ForgeError('LEASE_LOST', 'conflict', 'another has it');

describe('many messages', () => {
  const m = (n: number, letter: string) => asking(`m${n}`, letter);
  const three = { x: m(1, 'a'), y: m(2, 'b'), z: m(3, 'c') };
  const settled = { s: 'm1 done', t: 'm2 done', u: 'm3 done' };

  it(
    'are worked on as many at once as allowed, in the order they came',
    marbles((helpers) => {
      const { cold, expectObservable, expectSubscriptions } = helpers;
      const analyse = cold('                   ----(r|)', { r: result });
      const options = { lanes: slotsOf(2), stages: { analyse: () => analyse } };
      const { settled$ } = working(helpers, '(xyz|)', three, options);
      expectObservable(settled$).toBe('        ----(st)(u|)', settled);
      expectSubscriptions(analyse.subscriptions).toBe(['^---!', '^---!', '----^---!']);
    }),
  );

  it(
    'of one asset are worked on one after the other, and a third is busy',
    marbles((helpers) => {
      const { cold, expectObservable, expectSubscriptions, flush } = helpers;
      const analyse = cold('                   ------(r|)', { r: result });
      const same = { x: m(1, 'a'), y: m(2, 'a'), z: m(3, 'a') };
      const stages = { analyse: () => analyse, lock: () => of<Acquired>('unavailable') };
      const options = { lanes: slotsOf(3), stages };
      const { settled$, calls } = working(helpers, 'xyz|', same, options);
      expectObservable(settled$).toBe('--u---s-----(t|)', { ...settled, u: 'm3 busy' });
      expectSubscriptions(analyse.subscriptions).toBe(['^-----!', '------^-----!']);
      flush();
      expect(calls).toContain('delay m3 2 s');
    }),
  );

  it(
    'that are busy let the lock go that they held',
    marbles((helpers) => {
      const { cold, expectObservable, flush } = helpers;
      const same = { x: m(1, 'a'), y: m(2, 'a'), z: m(3, 'a') };
      const stages = { analyse: () => cold('------(r|)', { r: result }) };
      const { settled$, calls } = working(helpers, '(xyz|)', same, { stages });
      expectObservable(settled$).toBe('u-----s-----(t|)', {
        ...settled,
        u: 'm3 busy',
      });
      flush();
      expect(calls.filter((call) => call === 'unlock a')).toHaveLength(3);
    }),
  );

  it(
    'hold their locks while they wait, and keep the asset until the lock is let go',
    marbles((helpers) => {
      const { cold, expectObservable, expectSubscriptions } = helpers;
      const lock = cold<Acquired>('            (l|)', { l: aLock('a') });
      const unlock = cold('                    ---(v|)', { v: undefined });
      const analyse = cold('                   -(r|)', { r: result });
      const two = { x: m(1, 'a'), y: m(2, 'b') };
      const stages = { lock: () => lock, unlock: () => unlock, analyse: () => analyse };
      const { settled$ } = working(helpers, '  (xy|)', two, { stages });
      expectObservable(settled$).toBe('        -s---t--|', settled);
      expectSubscriptions(lock.subscriptions).toBe(['(^!)', '(^!)']);
      expectSubscriptions(analyse.subscriptions).toBe(['^!', '----^!']);
      expectSubscriptions(unlock.subscriptions).toBe(['-^--!', '-----^--!']);
    }),
  );

  it(
    'are neighbours that an error in one leaves alone',
    marbles((helpers) => {
      const { cold, expectObservable, flush } = helpers;
      const analyse: Stages['analyse'] = ({ asset }) =>
        asset.assetId.endsWith('b')
          ? cold('-#', undefined, new TypeError('bug'))
          : cold('---(r|)', { r: result });
      const options = { lanes: slotsOf(3), stages: { analyse } };
      const { settled$, calls } = working(helpers, '(xyz|)', three, options);
      expectObservable(settled$).toBe('-t-(su|)', { ...settled, t: 'm2 retry' });
      flush();
      expect(calls).toContain('delay m2 2 s');
    }),
  );

  it(
    'are overtaken by those that are done at once',
    marbles((helpers) => {
      const { cold, expectObservable } = helpers;
      const messages = { x: m(1, 'a'), y: aMessage('no JSON', { id: 'm2' }) };
      const stages = { analyse: () => cold('-----(r|)', { r: result }) };
      const { settled$ } = working(helpers, 'x-y|', messages, { stages });
      expectObservable(settled$).toBe('--t--(s|)', { ...settled, t: 'm2 dead' });
    }),
  );

  it(
    'are all settled before the worker completes, which is after the poll',
    marbles((helpers) => {
      const { cold, expectObservable } = helpers;
      const stages = { remove: () => cold('-----(t|)', { t: true }) };
      expectObservable(working(helpers, '--x--|', three, { stages }).settled$).toBe(
        '-------(s|)',
        settled,
      );
      expectObservable(working(helpers, '--x----------|', three, { stages }).settled$).toBe(
        '-------s-----|',
        settled,
      );
      expectObservable(working(helpers, '--|', three).settled$).toBe('--|');
      expectObservable(working(helpers, '-', three).settled$).toBe('-');
    }),
  );

  it(
    'end with the poll only where the poll is broken',
    marbles((helpers) => {
      const { settled$ } = working(helpers, 'x-#', three);
      helpers.expectObservable(settled$).toBe('s-#', settled);
    }),
  );

  it(
    'are left where they are when the worker is left',
    marbles((helpers) => {
      const { cold, expectObservable, expectSubscriptions, flush } = helpers;
      const analyse = cold('-----(r|)', { r: result });
      const { settled$, calls } = working(helpers, '(xyz)', three, {
        stages: { analyse: () => analyse },
      });
      expectObservable(settled$, '                   ^--!').toBe('-');
      expectSubscriptions(analyse.subscriptions).toBe('^--!');
      flush();
      expect(calls).toEqual(['lock a', 'claim a', 'analyse a', 'lock b', 'lock c']);
    }),
  );
});

describe('credit', () => {
  it(
    'comes back when the work ends, however slow the queue is to settle',
    marbles((helpers) => {
      const { cold, expectObservable, flush } = helpers;
      const heldAt: string[] = [];
      const stages = {
        analyse: () => cold('--(r|)', { r: result }),
        remove: () => cold('50ms (t|)', { t: true }),
      };
      const messages = { x: asking('m1', 'a'), y: asking('m2', 'b') };
      const { settled$, ledger } = working(helpers, '(xy|)', messages, { stages });
      const looks$ = merge(timer(1), timer(3), timer(5)).pipe(
        tap(() => heldAt.push(`${ledger.held}`)),
        ignoreElements(),
      );
      expectObservable(merge(settled$, looks$)).toBe('52ms s-(t|)', { s: 'm1 done', t: 'm2 done' });
      flush();
      expect(heldAt).toEqual(['2', '1', '0']);
    }),
  );

  it('comes back once for a message, however many records it has and however it ends', () => {
    const ledger = new CreditLedger(10);
    ledger.settle(ledger.reserve(4), 4);
    const messages = [
      aMessage(anS3Event(named('a'), named('b'))),
      aMessage('no JSON'),
      aMessage({ Event: 's3:TestEvent' }),
      aMessage(anS3Event(named('c'))),
    ];
    const { stages } = fakeStages({
      poll: () => of(...messages),
      analyse: () => throwError(() => lost),
    });
    worker(stages, workerOptions({ ledger })).subscribe();
    expect(ledger.held).toBe(0);
    expect(ledger.free).toBe(10);
  });
});

describe('a worker that is going down', () => {
  it(
    'finishes what runs, and gives back what has not begun',
    marbles((helpers) => {
      const { cold, expectObservable, flush } = helpers;
      let draining = false;
      const goingDown$ = timer(2).pipe(
        tap(() => {
          draining = true;
        }),
        ignoreElements(),
      );
      const stages = { analyse: () => cold('----(r|)', { r: result }) };
      const messages = { x: asking('m1', 'a'), y: asking('m2', 'b') };
      const options = { stages, draining: () => draining };
      const { settled$, calls } = working(helpers, '(xy|)', messages, options);
      expectObservable(merge(settled$, goingDown$)).toBe('----(st|)', {
        s: 'm1 done',
        t: 'm2 retry',
      });
      flush();
      expect(calls).toContain('delay m2 0 s');
      expect(calls).not.toContain('claim b');
    }),
  );

  it(
    'gives back at once what comes all the same, and with it what waits, though all slots are taken',
    marbles((helpers) => {
      const { cold, expectObservable, flush } = helpers;
      let draining = false;
      const startDraining = (): void => {
        draining = true;
      };
      const stages = { analyse: () => cold('----------(r|)', { r: result }) };
      const messages = { x: asking('m1', 'a'), y: asking('m2', 'b'), z: asking('m3', 'c') };
      const goingDown$ = timer(2).pipe(tap(startDraining), ignoreElements());
      const options = { stages, draining: () => draining };
      const { settled$, calls } = working(helpers, 'xy-z|', messages, options);
      expectObservable(merge(settled$, goingDown$)).toBe('---(tu)---(s|)', {
        s: 'm1 done',
        t: 'm2 retry',
        u: 'm3 retry',
      });
      flush();
      expect(calls).not.toContain('claim b');
      expect(calls).not.toContain('claim c');
    }),
  );

  it(
    'gives back what runs when it may wait no longer, with the attempt',
    marbles((helpers) => {
      const { cold, hot, expectObservable, flush } = helpers;
      let goingDown = false;
      const goDown = (): void => {
        goingDown = true;
      };
      const messages = { x: asking('m1', 'a'), y: asking('m2', 'b'), z: asking('m3', 'c') };
      const options = {
        lanes: slotsOf(2),
        draining: () => goingDown,
        abort$: hot('---x').pipe(tap(goDown)),
        stages: { analyse: () => cold<never>('-') },
      };
      const { settled$, calls } = working(helpers, '(xyz|)', messages, options);
      expectObservable(settled$).toBe('---(sut|)', {
        s: 'm1 retry',
        t: 'm2 retry',
        u: 'm3 retry',
      });
      flush();
      expect(calls).toEqual(
        expect.arrayContaining([
          'release a ABORTED after 0 s, refunded',
          'release b ABORTED after 0 s, refunded',
          'delay m1 0 s',
          'delay m2 0 s',
          'delay m3 0 s',
        ]),
      );
      expect(calls).not.toContain('claim c');
    }),
  );
});

describe('nothing at all', () => {
  it('is done with at once', () => {
    const { stages, calls } = fakeStages({ poll: () => EMPTY });
    let completed = false;
    worker(stages, workerOptions({ abort$: NEVER })).subscribe({
      complete: () => {
        completed = true;
      },
    });
    expect(completed).toBe(true);
    expect(calls).toEqual([]);
  });
});
