import { NEVER, of, shareReplay, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Claim } from '#app/commands/claim-asset.ts';
import { type ErrorCode, type ErrorKind, ForgeError } from '#domain/errors.ts';
import type { Outcome } from '#streams/outcome.ts';
import { processJob } from '#streams/process.ts';
import type { Stages } from '#streams/stages.ts';
import { aMessage } from '../support/a-message.ts';
import { aCompletedAsset, aResult } from '../support/an-asset.ts';
import {
  aClaim,
  aJob,
  ENOUGH,
  fakeStages,
  outcomeOf,
  SLOT,
  workerOptions,
} from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const job = aJob(aMessage({}, { receiveCount: 2 }));
const claimed = aClaim();
const result = aResult();
const committed = aCompletedAsset();
const completed: Outcome = { kind: 'done', why: 'COMPLETED' };

const error = (code: ErrorCode, kind: ErrorKind) => new ForgeError(code, kind, `${code} it is`);
const lost = error('LEASE_LOST', 'conflict');
const down = error('STORE_UNAVAILABLE', 'transient');
const corrupt = error('CORRUPT_MEDIA', 'permanent');

const fails = (reason: ForgeError) => () => throwError(() => reason);
const claims = (claim: Claim) => ({ claim: () => of(claim) });

const outcome = (overrides: Partial<Stages>, options = workerOptions()) =>
  outcomeOf(job, overrides, options);

describe('a job that goes well', () => {
  it(
    'is claimed, analysed, persisted, published, in that order',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const claim = cold<Claim>('-c|          ', { c: claimed });
      const analyse = cold('      --r|        ', { r: result });
      const persist = cold('         -p|      ', { p: committed });
      const publish = cold('           ---t|  ', { t: true });
      const { stages } = fakeStages({
        claim: () => claim,
        analyse: () => analyse,
        persist: () => persist,
        publish: () => publish,
      });
      const outcome$ = processJob(stages, workerOptions(), ENOUGH)(job, SLOT);
      expectObservable(outcome$).toBe('           --------(d|)', { d: completed });
      expectSubscriptions(claim.subscriptions).toBe('  ^-!');
      expectSubscriptions(analyse.subscriptions).toBe('-^--!');
      expectSubscriptions(persist.subscriptions).toBe('---^-!');
      expectSubscriptions(publish.subscriptions).toBe('----^---!');
    }),
  );

  it('persists the result of the claimed asset, and publishes the row as committed', () => {
    const seen: unknown[] = [];
    outcome({
      ...claims(claimed),
      analyse: (...given) => {
        seen.push(given);
        return of(result);
      },
      persist: (...given) => {
        seen.push(given);
        return of(committed);
      },
      publish: (...given) => {
        seen.push(given);
        return of(true);
      },
    });
    expect(seen).toEqual([[claimed], [claimed.asset, { result }], [committed]]);
  });
});

describe('a claim that finds nothing to analyse', () => {
  it.each<[string, Claim, Outcome, readonly string[]]>([
    ['a finished asset', { kind: 'idle', why: 'finished' }, { kind: 'done', why: 'finished' }, []],
    [
      'no bytes yet',
      { kind: 'idle', why: 'no bytes yet' },
      { kind: 'done', why: 'no bytes yet' },
      [],
    ],
    [
      'an event that waits',
      { kind: 'unpublished', asset: committed },
      completed,
      ['publish a', 'clear a'],
    ],
    ['a live lease', { kind: 'busy' }, { kind: 'busy', afterSeconds: 4 }, []],
    ['a race', { kind: 'again' }, { kind: 'busy', afterSeconds: 4 }, []],
    [
      'no asset',
      { kind: 'unknown' },
      { kind: 'dead', code: 'UNKNOWN_OBJECT', detail: 'no asset knows of this object' },
      [],
    ],
  ])('%s', (_, claim, expected, calls) => {
    const found = outcome(claims(claim), workerOptions());
    expect(found).toEqual({ outcome: expected, calls: ['claim a', ...calls] });
  });

  it.each<[ForgeError, Outcome]>([
    [down, { kind: 'retry', afterSeconds: 4, code: 'STORE_UNAVAILABLE' }],
    [
      error('ACCESS_DENIED', 'permanent'),
      { kind: 'dead', code: 'ACCESS_DENIED', detail: 'ACCESS_DENIED it is' },
    ],
  ])('because of %s', (reason, expected) => {
    expect(outcome({ claim: fails(reason) })).toEqual({ outcome: expected, calls: ['claim a'] });
  });
});

describe('an analysis that fails', () => {
  it('ends the asset as FAILED where the bytes are to blame', () => {
    const persisted: unknown[] = [];
    const { outcome: found, calls } = outcome({
      analyse: fails(corrupt),
      persist: (_asset, ending) => {
        persisted.push(ending);
        return of(aCompletedAsset({ status: 'FAILED' }));
      },
    });
    expect(found).toEqual({ kind: 'done', why: 'FAILED' });
    expect(calls).toEqual([
      'claim a',
      'analyse a',
      'persist a FAILED CORRUPT_MEDIA',
      'publish a',
      'clear a',
    ]);
    const detail = 'CORRUPT_MEDIA it is';
    const failure = { code: 'CORRUPT_MEDIA', detail, stage: 'analyse', retryable: false };
    expect(persisted).toStrictEqual([{ failure }]);
  });

  it('gives the asset back where something else is, for a wait that doubles with the attempts', () => {
    expect(outcome({ ...claims(aClaim({ attempts: 3 })), analyse: fails(down) })).toEqual({
      outcome: { kind: 'retry', afterSeconds: 8, code: 'STORE_UNAVAILABLE' },
      calls: ['claim a', 'analyse a', 'release a STORE_UNAVAILABLE after 8 s'],
    });
  });

  it('is tried again though the asset cannot be given back: its lease lapses', () => {
    expect(outcome({ analyse: fails(down), release: fails(down) }).outcome).toEqual({
      kind: 'retry',
      afterSeconds: 2,
      code: 'STORE_UNAVAILABLE',
    });
  });

  it('takes what nobody meant to throw for a transient error', () => {
    const { outcome: found, calls } = outcome({ analyse: () => throwError(() => new TypeError()) });
    expect(found).toEqual({ kind: 'retry', afterSeconds: 2, code: 'INTERNAL' });
    expect(calls.at(-1)).toBe('release a INTERNAL after 2 s');
  });

  it('lets go of an asset that has passed to another, with nothing to give back', () => {
    expect(outcome({ analyse: fails(lost) })).toEqual({
      outcome: { kind: 'drop', code: 'LEASE_LOST' },
      calls: ['claim a', 'analyse a'],
    });
  });
});

describe('an asset whose attempts are spent', () => {
  const spent = claims(aClaim({ attempts: 6, lastError: 'JOB_TIMEOUT: too slow' }));

  it('ends as FAILED without another analysis, and may be retried by hand', () => {
    const persisted: unknown[] = [];
    const { outcome: found, calls } = outcome({
      ...spent,
      persist: (_asset, ending) => {
        persisted.push(ending);
        return of(aCompletedAsset({ status: 'FAILED' }));
      },
    });
    expect(found).toEqual({ kind: 'done', why: 'FAILED' });
    expect(calls).toEqual([
      'claim a',
      'persist a FAILED RETRIES_EXHAUSTED',
      'publish a',
      'clear a',
    ]);
    expect(persisted).toStrictEqual([
      {
        failure: {
          code: 'RETRIES_EXHAUSTED',
          detail: '5 attempts did not end; the last one ended with JOB_TIMEOUT: too slow',
          stage: 'analyse',
          retryable: true,
        },
      },
    ]);
  });

  it('has one attempt left as long as the count is not over the limit', () => {
    expect(outcome(claims(aClaim({ attempts: 5 }))).calls).toContain('analyse a');
  });
});

describe('a commit that fails', () => {
  it('is dropped where the token is lost, and nothing is published', () => {
    const { outcome: found, calls } = outcome({ persist: fails(lost) });
    expect(found).toEqual({ kind: 'drop', code: 'LEASE_LOST' });
    expect(calls).toEqual(['claim a', 'analyse a', 'persist a COMPLETED']);
  });

  it.each<[string, ForgeError]>([
    ['the store is down', down],
    ['access is denied, so that nothing is lost', error('ACCESS_DENIED', 'permanent')],
  ])('is given back and tried again where %s, and nothing is published', (_, reason) => {
    const { outcome: found, calls } = outcome({ persist: fails(reason) });
    expect(found).toEqual({ kind: 'retry', afterSeconds: 2, code: reason.code });
    const released = `release a ${reason.code} after 2 s`;
    expect(calls).toEqual(['claim a', 'analyse a', 'persist a COMPLETED', released]);
  });
});

describe('a publication that fails', () => {
  const bus = error('EVENT_BUS_UNAVAILABLE', 'transient');

  it.each<[string, Partial<Stages>, readonly string[]]>([
    ['the bus refuses it', { publish: () => of(false) }, ['publish a']],
    ['it errors', { publish: fails(bus) }, ['publish a']],
    ['clearing it errors', { clear: fails(down) }, ['publish a', 'clear a']],
  ])('is left to the sweeper where %s: the asset has ended', (_, stages, calls) => {
    expect(outcome(stages).outcome).toEqual(completed);
    expect(outcome({ ...claims({ kind: 'unpublished', asset: committed }), ...stages })).toEqual({
      outcome: completed,
      calls: ['claim a', ...calls],
    });
  });
});

describe('what earlier attempts have left behind', () => {
  const committing = (fencingToken: number, tidy: Stages['tidy'] = () => of(0)) =>
    outcome({ persist: () => of(aCompletedAsset({ fencingToken })), tidy });

  it('is removed after a commit that was not the first attempt', () => {
    expect(committing(1).calls).not.toContain('tidy a');
    expect(committing(2).calls.slice(-2)).toEqual(['clear a', 'tidy a']);
  });

  it('harms nothing where it cannot be removed', () => {
    expect(committing(2, fails(down)).outcome).toEqual(completed);
  });
});

describe('a job under way', () => {
  const beats: unknown[] = [];
  const analysing = (
    stages: Partial<Stages>,
    options: Parameters<typeof workerOptions>[0] = {},
  ) => {
    const { stages: all, calls } = fakeStages({ ...claims(claimed), ...stages });
    return { outcome$: processJob(all, workerOptions(options), ENOUGH)(job, SLOT), calls };
  };

  it(
    'beats for its asset and its lock for as long as the analysis runs',
    marbles(({ cold, expectObservable, flush }) => {
      const beat: Stages['beat'] = (...held) => {
        beats.push(held);
        return of(0);
      };
      const analyse = () => cold('34ms (r|)', { r: result });
      const { outcome$ } = analysing({
        analyse,
        beat,
        persist: () => cold('50ms (p|)', { p: committed }),
      });
      expectObservable(outcome$).toBe('84ms (d|)', { d: completed });
      flush();
      expect(beats).toEqual(new Array(3).fill([claimed, job.lock]));
    }),
  );

  it(
    'is dropped when a beat finds the token lost, and its analysis is left',
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const analyse = cold('                        50ms (r|)', { r: result });
      const beat = () => cold<never>('        --#', undefined, lost);
      const { outcome$, calls } = analysing({ analyse: () => analyse, beat });
      expectObservable(outcome$).toBe('             12ms (d|)', {
        d: { kind: 'drop', code: 'LEASE_LOST' },
      });
      expectSubscriptions(analyse.subscriptions).toBe('^ 11ms !');
      flush();
      expect(calls.filter((call) => !call.startsWith('beat'))).toEqual(['claim a', 'analyse a']);
    }),
  );

  it.each([down, error('ACCESS_DENIED', 'permanent')])(
    'survives beats that fail otherwise (%s): the lease outlives them',
    (reason) => {
      marbles(({ cold, expectObservable }) => {
        const analyse = () => cold('35ms (r|)', { r: result });
        const beat = () => cold<never>('#', undefined, reason);
        expectObservable(analysing({ analyse, beat }).outcome$).toBe('35ms (d|)', { d: completed });
      })();
    },
  );

  it(
    'is given back at its deadline, its analysis left',
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const analyse = cold<never>('           ----------');
      const { outcome$, calls } = analysing({ analyse: () => analyse }, { jobDeadlineMs: 25 });
      const late: Outcome = { kind: 'retry', afterSeconds: 2, code: 'JOB_TIMEOUT' };
      expectObservable(outcome$).toBe('             25ms (d|)', { d: late });
      expectSubscriptions(analyse.subscriptions).toBe('^ 24ms !');
      flush();
      expect(calls.at(-1)).toBe('release a JOB_TIMEOUT after 2 s');
    }),
  );

  it(
    'is given back at once when the worker goes down, and the attempt with it',
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const analyse = cold<never>('           ----------');
      const abort$ = cold('                   ---x');
      const { outcome$, calls } = analysing({ analyse: () => analyse }, { abort$ });
      const back: Outcome = { kind: 'retry', afterSeconds: 0, code: 'ABORTED' };
      expectObservable(outcome$).toBe('       ---(d|)', { d: back });
      expectSubscriptions(analyse.subscriptions).toBe('^--!');
      flush();
      expect(calls.at(-1)).toBe('release a ABORTED after 0 s, refunded');
    }),
  );

  it(
    'is given back though its claim ended after the worker had begun to go down',
    marbles(({ cold, hot, expectObservable, flush }) => {
      const claim = () => cold<Claim>('     -----c|', { c: claimed });
      const abort$ = hot('                  --x').pipe(shareReplay(1));
      abort$.subscribe();
      const { outcome$, calls } = analysing({ claim, analyse: () => NEVER }, { abort$ });
      const back: Outcome = { kind: 'retry', afterSeconds: 0, code: 'ABORTED' };
      expectObservable(outcome$).toBe('     -----d|', { d: back });
      flush();
      expect(calls.at(-1)).toBe('release a ABORTED after 0 s, refunded');
    }),
  );

  it(
    'takes no harm when what would abort it completes instead',
    marbles(({ cold, expectObservable }) => {
      const analyse = () => cold('---(r|)', { r: result });
      const { outcome$ } = analysing({ analyse }, { abort$: cold('-|') });
      expectObservable(outcome$).toBe('---(d|)', { d: completed });
    }),
  );

  it(
    'finishes its commit though the worker goes down',
    marbles(({ cold, expectObservable }) => {
      const persist = () => cold('-----(p|)', { p: committed });
      const { outcome$ } = analysing({ persist }, { abort$: cold('--x') });
      expectObservable(outcome$).toBe('-----(d|)', { d: completed });
    }),
  );

  it(
    'leaves every stage when its subscriber leaves',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const analyse = cold('  -----r|', { r: result });
      const { outcome$ } = analysing({ analyse: () => analyse });
      expectObservable(outcome$, '^--!').toBe('-');
      expectSubscriptions(analyse.subscriptions).toBe('^--!');
    }),
  );
});

describe('whatever goes wrong', () => {
  it('is one outcome, and never an error', () => {
    const reasons = [lost, down, corrupt, new TypeError('bug'), 'text', undefined];
    const stageNames = ['claim', 'analyse', 'persist', 'publish', 'release'] as const;
    for (const stage of stageNames) {
      for (const reason of reasons) {
        const broken = { [stage]: () => throwError(() => reason) };
        const also = stage === 'release' ? { analyse: fails(down) } : {};
        expect(outcome({ ...also, ...broken }).outcome).toHaveProperty('kind');
      }
    }
  });

  it('is one outcome though a stage throws instead of failing', () => {
    const throws = (): never => {
      throw new TypeError('bug');
    };
    for (const stage of ['claim', 'analyse', 'persist', 'publish', 'release'] as const) {
      const also: Partial<Stages> = stage === 'release' ? { analyse: fails(down) } : {};
      const kind = stage === 'publish' ? 'done' : 'retry';
      expect(outcome({ ...also, [stage]: throws }).outcome).toHaveProperty('kind', kind);
    }
  });
});
