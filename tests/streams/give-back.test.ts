import { NEVER, of, tap, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, type ErrorKind, ForgeError } from '#domain/errors.ts';
import { giveBack } from '#streams/give-back.ts';
import type { Outcome } from '#streams/outcome.ts';
import type { Stages } from '#streams/stages.ts';
import { aClaimedAsset } from '../support/an-asset.ts';
import { fakeStages, workerOptions } from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const error = (code: ErrorCode, kind: ErrorKind = 'transient') =>
  new ForgeError(code, kind, `${code} it is`);
const down = error('STORE_UNAVAILABLE');
const storeIsOut = { isOut: (code: ErrorCode) => code === 'STORE_UNAVAILABLE', back: () => NEVER };

/** The outcome of giving an asset back after an error, and what was asked of the stages. */
function given(
  reason: ForgeError,
  options = workerOptions(),
  { asset = aClaimedAsset(), stages = {} as Partial<Stages> } = {},
) {
  const { stages: all, calls } = fakeStages(stages);
  const outcomes: Outcome[] = [];
  giveBack(all, options, asset, reason).subscribe((each) => outcomes.push(each));
  expect(outcomes).toHaveLength(1);
  return { outcome: outcomes[0], calls };
}

describe('an asset that is given back', () => {
  it('costs its attempt where it may be to blame', () => {
    expect(given(error('JOB_TIMEOUT')).calls).toEqual(['release a JOB_TIMEOUT after 2 s']);
  });

  it('costs nothing, and comes back at once, where the worker goes down', () => {
    expect(given(error('ABORTED'))).toEqual({
      outcome: { kind: 'retry', afterSeconds: 0, code: 'ABORTED' },
      calls: ['release a ABORTED after 0 s, refunded'],
    });
  });

  it('costs nothing where a dependency is out', () => {
    const options = workerOptions({ outage: storeIsOut });
    expect(given(down, options).calls).toEqual(['release a STORE_UNAVAILABLE after 2 s, refunded']);
    expect(given(down).calls).toEqual(['release a STORE_UNAVAILABLE after 2 s']);
  });

  it('costs its attempt all the same once it was claimed very often: nothing goes on for ever', () => {
    const options = workerOptions({ outage: storeIsOut, refundTokensMax: 7 });
    const at = (fencingToken: number) =>
      given(down, options, { asset: aClaimedAsset({ fencingToken }) }).calls[0];
    expect(at(6)).toContain('refunded');
    expect(at(7)).not.toContain('refunded');
  });

  it('is not ours to give where the token has passed to another', () => {
    expect(given(error('LEASE_LOST', 'conflict'))).toEqual({
      outcome: { kind: 'drop', code: 'LEASE_LOST' },
      calls: [],
    });
  });

  it('is left to its lease where releasing fails, for whatever reason', () => {
    const reasons = [down, error('ACCESS_DENIED', 'permanent'), new TypeError('bug')];
    for (const reason of reasons) {
      const release = () => throwError(() => reason);
      const { outcome } = given(error('JOB_TIMEOUT'), workerOptions(), { stages: { release } });
      expect(outcome).toEqual({ kind: 'retry', afterSeconds: 2, code: 'JOB_TIMEOUT' });
    }
  });
});

describe('a store that is out', () => {
  const failsOnce = () => {
    const answers = [throwError(() => down), of(undefined)];
    return () => answers.shift() ?? NEVER;
  };

  it(
    'is told when it is back',
    marbles(({ cold, expectObservable, flush }) => {
      const outage = { ...storeIsOut, back: () => cold('-----b|') };
      const { stages, calls } = fakeStages({ release: failsOnce() });
      const outcome$ = giveBack(stages, workerOptions({ outage }), aClaimedAsset(), down);
      expectObservable(outcome$).toBe('-----(o|)', {
        o: { kind: 'retry', afterSeconds: 2, code: 'STORE_UNAVAILABLE' },
      });
      flush();
      expect(calls).toHaveLength(2);
    }),
  );

  it(
    'costs no attempt where that shows only as the asset is given back: one job alone may be too few calls to tell',
    marbles(({ cold, expectObservable, flush }) => {
      let isOut = false;
      const failsOnce = cold<undefined>('-#', undefined, down).pipe(
        tap({
          error: () => {
            isOut = true;
          },
        }),
      );
      const answers = [failsOnce, of(undefined)];
      const outage = { isOut: () => isOut, back: () => cold('---b|') };
      const { stages, calls } = fakeStages({ release: () => answers.shift() ?? NEVER });
      const outcome$ = giveBack(stages, workerOptions({ outage }), aClaimedAsset(), down);
      expectObservable(outcome$).toBe('----(o|)', {
        o: { kind: 'retry', afterSeconds: 2, code: 'STORE_UNAVAILABLE' },
      });
      flush();
      expect(calls).toEqual([
        'release a STORE_UNAVAILABLE after 2 s',
        'release a STORE_UNAVAILABLE after 2 s, refunded',
      ]);
    }),
  );

  it(
    'is waited for no longer when the worker goes down',
    marbles(({ cold, expectObservable, flush }) => {
      const { stages, calls } = fakeStages({ release: failsOnce() });
      const options = workerOptions({ outage: storeIsOut, abort$: cold('---x') });
      expectObservable(giveBack(stages, options, aClaimedAsset(), down)).toBe('---(o|)', {
        o: { kind: 'retry', afterSeconds: 2, code: 'STORE_UNAVAILABLE' },
      });
      flush();
      expect(calls).toHaveLength(1);
    }),
  );
});
