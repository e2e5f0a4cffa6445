import { NEVER, type Observable, of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import { Bulkhead } from '#operators/bulkhead.ts';
import type { Slot } from '#operators/merge-map-by-key.ts';
import { attempt, inPlace } from '#streams/attempt.ts';
import type { Stages } from '#streams/stages.ts';
import { aResult, KEY } from '../support/an-asset.ts';
import { aClaim, aLock, fakeStages, SLOT, workerOptions } from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const claimed = aClaim();
const lock = aLock(KEY.assetId);
const result = aResult();

const goingDown = new ForgeError('ABORTED', 'transient', 'the worker is going down');

function attempting(
  stages: Partial<Stages>,
  options: Parameters<typeof workerOptions>[0] = {},
  { heavy = new Bulkhead(() => 1), slot = SLOT as Slot } = {},
) {
  const { stages: all, calls } = fakeStages(stages);
  const result$ = attempt(all, workerOptions(options), claimed, { lock, slot, heavy });
  return { result$, calls, heavy };
}

/** A bulkhead whose one place is taken until `leave` is called. */
function fullBulkhead() {
  const heavy = new Bulkhead(() => 1);
  let leave = (): void => undefined;
  heavy.place({ group: 'other' }).subscribe((place) => {
    leave = () => place.leave();
  });
  return { heavy, leave: () => leave() };
}

const isHeavy = (): boolean => true;

describe('an attempt', () => {
  it(
    'ends for good when its message can be kept no longer',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const analyse = cold<never>('-');
      const options = { messageHoldMsMax: 30, jobDeadlineMs: 50 };
      const { result$ } = attempting({ analyse: () => analyse }, options);
      const detail = 'not done after 30 ms, and a message can be kept no longer';
      const error = new ForgeError('JOB_TOO_LONG', 'permanent', detail);
      expectObservable(result$).toBe('                30ms #', undefined, error);
      expectSubscriptions(analyse.subscriptions).toBe('^ 29ms !');
    }),
  );

  it('takes no place where its work is light', () => {
    const { heavy } = fullBulkhead();
    const results: unknown[] = [];
    attempting({}, {}, { heavy }).result$.subscribe((each) => results.push(each));
    expect(results).toEqual([result]);
  });
});

describe('an attempt at heavy work', () => {
  it(
    'waits for a place, beating all the time, and only then begins, with its whole deadline',
    marbles(({ cold, expectObservable, flush }) => {
      const { heavy, leave } = fullBulkhead();
      cold('25ms x').subscribe(leave);
      const analyse = () => cold('15ms (r|)', { r: result });
      const options = { isHeavy, jobDeadlineMs: 20 };
      const { result$, calls } = attempting({ analyse }, options, { heavy });
      expectObservable(result$).toBe('40ms (r|)', { r: result });
      flush();
      expect(calls).toEqual(['beat a', 'beat a', 'analyse a', 'beat a']);
    }),
  );

  it(
    'leaves its slot to others while it waits',
    marbles(({ cold, expectObservable, flush }) => {
      const { heavy, leave } = fullBulkhead();
      cold('5ms x').subscribe(leave);
      const stepAside = vi.fn((ready$: Observable<unknown>) => ready$);
      const slot = { ...SLOT, stepAside } as Slot;
      expectObservable(attempting({}, { isHeavy }, { heavy, slot }).result$).toBe('5ms (r|)', {
        r: result,
      });
      flush();
      expect(stepAside).toHaveBeenCalledOnce();
    }),
  );

  it('gives its place to the next one when it ends, fails or is left', () => {
    const heavy = new Bulkhead(() => 1);
    const run = (analyse: Stages['analyse']) =>
      attempting({ analyse }, { isHeavy }, { heavy }).result$.subscribe({ error: () => undefined });
    run(() => of(result));
    run(() => {
      throw new TypeError('bug');
    });
    run(() => NEVER).unsubscribe();
    const begun = vi.fn(() => NEVER);
    run(begun);
    expect(begun).toHaveBeenCalledOnce();
  });

  it(
    'does not begin where the worker went down meanwhile',
    marbles(({ cold, expectObservable, flush }) => {
      const { heavy, leave } = fullBulkhead();
      let draining = false;
      cold('3ms x').subscribe(() => {
        draining = true;
        leave();
      });
      const options = { isHeavy, draining: () => draining };
      const { result$, calls } = attempting({}, options, { heavy });
      expectObservable(result$).toBe('3ms #', undefined, goingDown);
      flush();
      expect(calls).toEqual([]);
    }),
  );

  it(
    'is given back at once when it is aborted while it waits',
    marbles(({ cold, expectObservable }) => {
      const { heavy } = fullBulkhead();
      const options = { isHeavy, abort$: cold('--x') };
      expectObservable(attempting({}, options, { heavy }).result$).toBe(
        '--#',
        undefined,
        goingDown,
      );
    }),
  );
});

describe('a place', () => {
  it('is left though it came before the slot did', () => {
    const heavy = new Bulkhead(() => 1);
    const neverBack: Slot = {
      ...SLOT,
      stepAside: (ready$) => {
        ready$.subscribe();
        return NEVER;
      },
    };
    inPlace(heavy, neverBack, { group: 'a' }, () => NEVER)
      .subscribe()
      .unsubscribe();
    const got = vi.fn();
    heavy.place({ group: 'b' }).subscribe(got);
    expect(got).toHaveBeenCalledOnce();
  });
});
