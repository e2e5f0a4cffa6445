/*
 * One message in the worker, with an observable in place of every stage: what is done with it in which order, and what
 * becomes of it. The message is m1, assets are a, b, …; what was begun of the stages is told as text.
 */
import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Claim } from '#app/commands/claim-asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { sourceKey } from '#domain/keys.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import type { Acquired } from '#ports/lock.ts';
import type { Stages } from '#streams/stages.ts';
import { type WorkerOptions, worker } from '#streams/worker.ts';
import { aMessage, anS3Event, anS3Record } from '../support/a-message.ts';
import { aCompletedAsset, aResult } from '../support/an-asset.ts';
import {
  aClaim,
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
const down = new ForgeError('STORE_UNAVAILABLE', 'transient', 'no answer');
const corrupt = new ForgeError('CORRUPT_MEDIA', 'permanent', 'the index is cut off');

describe('one message', () => {
  it(
    'is locked, claimed, analysed, persisted, published and removed, in that order',
    marbles((helpers) => {
      const { cold, expectObservable, expectSubscriptions, flush } = helpers;
      const lock = cold<Acquired>('  -l|          ', { l: aLock('a') });
      const claim = cold<Claim>('     -c|        ', { c: aClaim() });
      const analyse = cold('            --r|     ', { r: result });
      const persist = cold('              -p|    ', { p: aCompletedAsset() });
      const publish = cold('               -t|   ', { t: true });
      const unlock = cold('                  -u|  ', { u: undefined });
      const remove = cold('                  --t| ', { t: true });
      const stages = {
        lock: () => lock,
        claim: () => claim,
        analyse: () => analyse,
        persist: () => persist,
        publish: () => publish,
        unlock: () => unlock,
        remove: () => remove,
      };
      const { settled$, calls } = working(helpers, '-m|', { m: asking('m1', 'a') }, { stages });
      expectObservable(settled$).toBe('             ----------s|', { s: 'm1 done' });
      expectSubscriptions(lock.subscriptions).toBe('    -^-!');
      expectSubscriptions(claim.subscriptions).toBe('   --^-!');
      expectSubscriptions(analyse.subscriptions).toBe(' ---^--!');
      expectSubscriptions(persist.subscriptions).toBe(' -----^-!');
      expectSubscriptions(publish.subscriptions).toBe(' ------^-!');
      expectSubscriptions(unlock.subscriptions).toBe('  --------^-!');
      expectSubscriptions(remove.subscriptions).toBe('  --------^--!');
      flush();
      expect(calls).toEqual([
        'lock a',
        'claim a',
        'analyse a',
        'persist a COMPLETED',
        'publish a',
        'clear a',
        'remove m1',
        'unlock a',
      ]);
    }),
  );
});

/** What is asked of the stages for one message of asset a, where nothing takes time, and how it is settled. */
function fate(
  stages: Partial<Stages>,
  message = asking('m1', 'a'),
  options: Partial<WorkerOptions> = {},
) {
  const ledger = new CreditLedger(1);
  ledger.settle(ledger.reserve(1), 1);
  const fake = fakeStages({ poll: () => of(message), ...stages });
  const settlements: string[] = [];
  worker(fake.stages, workerOptions({ ledger, ...options })).subscribe(({ outcome, settled }) =>
    settlements.push(`${outcome.kind}${settled ? '' : ', not settled'}`),
  );
  expect(ledger.held).toBe(0);
  expect(settlements).toHaveLength(1);
  return { calls: fake.calls, settlement: settlements[0] };
}

const failing = (error: unknown) => () => throwError(() => error);

describe('the fate of a message', () => {
  it.each<[string, Partial<Stages>, readonly string[], string]>([
    [
      'is delayed where another holds the lock, without a claim',
      { lock: () => of('held') },
      ['lock a', 'delay m1 2 s'],
      'busy',
    ],
    [
      'is the same without a lock service',
      { lock: () => of('unavailable') },
      [
        'lock a',
        'claim a',
        'analyse a',
        'persist a COMPLETED',
        'publish a',
        'clear a',
        'remove m1',
      ],
      'done',
    ],
    [
      'is over with FAILED where the bytes are to blame',
      { analyse: failing(corrupt) },
      [
        'lock a',
        'claim a',
        'analyse a',
        'persist a FAILED CORRUPT_MEDIA',
        'publish a',
        'clear a',
        'remove m1',
        'unlock a',
      ],
      'done',
    ],
    [
      'is another try, its asset given back, after a transient error',
      { analyse: failing(down) },
      [
        'lock a',
        'claim a',
        'analyse a',
        'release a STORE_UNAVAILABLE after 2 s',
        'delay m1 2 s',
        'unlock a',
      ],
      'retry',
    ],
    [
      'is left open where the token is lost: neither removed nor delayed',
      { analyse: failing(lost) },
      ['lock a', 'claim a', 'analyse a', 'leave m1', 'unlock a'],
      'drop',
    ],
    [
      'is over without an analysis where the attempts are spent',
      { claim: () => of(aClaim({ attempts: 6 })) },
      [
        'lock a',
        'claim a',
        'persist a FAILED RETRIES_EXHAUSTED',
        'publish a',
        'clear a',
        'remove m1',
        'unlock a',
      ],
      'done',
    ],
    [
      'is a publication where only the event waits',
      { claim: () => of<Claim>({ kind: 'unpublished', asset: aCompletedAsset() }) },
      ['lock a', 'claim a', 'publish a', 'clear a', 'remove m1', 'unlock a'],
      'done',
    ],
    [
      'is over where the event cannot be published: the sweeper owns it',
      { publish: () => of(false) },
      [
        'lock a',
        'claim a',
        'analyse a',
        'persist a COMPLETED',
        'publish a',
        'remove m1',
        'unlock a',
      ],
      'done',
    ],
    [
      'is to be buried where no asset knows the object',
      { claim: () => of<Claim>({ kind: 'unknown' }) },
      ['lock a', 'claim a', 'bury m1 UNKNOWN_OBJECT', 'remove m1', 'unlock a'],
      'dead',
    ],
    [
      'stays open where it cannot be removed',
      { remove: () => of(false) },
      [
        'lock a',
        'claim a',
        'analyse a',
        'persist a COMPLETED',
        'publish a',
        'clear a',
        'remove m1',
        'leave m1',
        'unlock a',
      ],
      'done, not settled',
    ],
  ])('%s', (_, stages, calls, settlement) => {
    expect(fate(stages)).toEqual({ calls, settlement });
  });

  it('is a burial where it makes no sense, and then a removal', () => {
    expect(fate({}, aMessage('no JSON'))).toEqual({
      calls: ['bury m1 MALFORMED_MESSAGE', 'remove m1'],
      settlement: 'dead',
    });
  });

  it('stays open where it cannot be buried', () => {
    expect(fate({ bury: failing(down) }, aMessage('no JSON'))).toEqual({
      calls: ['bury m1 MALFORMED_MESSAGE', 'leave m1'],
      settlement: 'dead, not settled',
    });
  });

  it.each([
    ['removed, where there is no object', false, ['remove m1'], 'done'],
    ['buried, where there is an object', true, ['bury m1 UNKNOWN_OBJECT', 'remove m1'], 'dead'],
  ])('is to be %s behind a key that is none of ours', (_, exists, calls, settlement) => {
    const message = aMessage({ Records: [anS3Record('uploads/readme.txt')] });
    expect(fate({ inspect: () => of(exists) }, message)).toEqual({
      calls: ['inspect uploads/readme.txt', ...calls],
      settlement,
    });
  });

  it('is a removal where S3 only tries whether it may send', () => {
    const message = aMessage({ Event: 's3:TestEvent' });
    expect(fate({}, message)).toEqual({ calls: ['remove m1'], settlement: 'done' });
  });

  it('is to be given back at once, unclaimed, where the worker is going down', () => {
    expect(fate({}, asking('m1', 'a'), { draining: () => true })).toEqual({
      calls: ['lock a', 'delay m1 0 s', 'unlock a'],
      settlement: 'retry',
    });
  });
});

describe('a message of several records', () => {
  const message = aMessage(anS3Event(named('a'), named('b')));
  const twoAtOnce = { lanes: slotsOf(2) };

  it('is removed once, when all of them are done', () => {
    const { calls, settlement } = fate({}, message, twoAtOnce);
    expect(calls.filter((call) => call.endsWith('m1'))).toEqual(['remove m1']);
    expect(calls).toEqual(expect.arrayContaining(['persist a COMPLETED', 'persist b COMPLETED']));
    expect(settlement).toBe('done');
  });

  it('is settled by its worst record', () => {
    const analyse: Stages['analyse'] = ({ asset }) =>
      asset.assetId.endsWith('a') ? throwError(() => down) : of(result);
    const { calls, settlement } = fate({ analyse }, message, twoAtOnce);
    expect(calls).toEqual(expect.arrayContaining(['persist b COMPLETED', 'delay m1 2 s']));
    expect(calls).not.toContain('remove m1');
    expect(settlement).toBe('retry');
  });

  it('comes again for the good record before it is buried for the bad one', () => {
    const mixed = aMessage({ Records: [anS3Record('%ZZ'), anS3Record(sourceKey(named('a')))] });
    expect(fate({ lock: () => of('held') }, mixed).calls).toEqual(['lock a', 'delay m1 2 s']);
    expect(fate({}, mixed).calls).toEqual(
      expect.arrayContaining(['persist a COMPLETED', 'bury m1 MALFORMED_MESSAGE', 'remove m1']),
    );
  });

  it('names an asset twice and is still one job, which never waits for its own lock', () => {
    const locked = new Set<string>();
    const lock: Stages['lock'] = ({ command }) => {
      if (locked.has(command.assetId)) return of('held');
      locked.add(command.assetId);
      return of(aLock(command.assetId));
    };
    const twice = aMessage(anS3Event(named('a'), named('a')));
    const { calls, settlement } = fate({ lock }, twice, twoAtOnce);
    expect(settlement).toBe('done');
    expect(calls.filter((call) => call === 'analyse a')).toHaveLength(1);
  });
});

describe('a lease that is lost while the analysis runs', () => {
  it(
    'ends the analysis and leaves the message to whoever has the asset now',
    marbles((helpers) => {
      const { cold, expectObservable, expectSubscriptions, flush } = helpers;
      const analyse = cold<never>('-');
      const beat = () => cold<never>('--#', undefined, lost);
      const messages = { x: asking('m1', 'a') };
      const options = { stages: { analyse: () => analyse, beat } };
      const { settled$, calls } = working(helpers, 'x|', messages, options);
      expectObservable(settled$).toBe('                12ms (s|)', { s: 'm1 drop' });
      expectSubscriptions(analyse.subscriptions).toBe('^ 11ms !');
      flush();
      expect(calls).toEqual(['lock a', 'claim a', 'analyse a', 'beat a', 'leave m1', 'unlock a']);
    }),
  );
});
