// Assets whose last worker died: which of them are worked on, when, and by whose slot.
import { NEVER, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Claim } from '#app/commands/claim-asset.ts';
import type { AssetKey, AssetResult } from '#domain/asset.ts';
import type { Outcome } from '#streams/outcome.ts';
import { processJob } from '#streams/process.ts';
import type { Stages } from '#streams/stages.ts';
import { aResult } from '../support/an-asset.ts';
import {
  aClaim,
  aJob,
  asking,
  ENOUGH,
  fakeStages,
  named,
  outcomeOf,
  SLOT,
  slotsOf,
  workerOptions,
  working,
} from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const job = aJob();
const claimed = aClaim();
const result = aResult();

const outcome = (overrides: Partial<Stages>, options = workerOptions()) =>
  outcomeOf(job, overrides, options);

describe('an asset whose last worker died', () => {
  const suspect = { kind: 'suspect', attempts: 1 } as const;
  const claimedWith = (takeOver: boolean): Claim => (takeOver ? claimed : suspect);

  it('is taken over', () => {
    const { outcome: found, calls } = outcome({
      claim: (_, takeOver) => of(claimedWith(takeOver)),
    });
    expect(found).toEqual({ kind: 'done', why: 'COMPLETED' });
    expect(calls.slice(0, 3)).toEqual(['claim a', 'take over a', 'analyse a']);
  });

  it(
    'waits for the one before it, unclaimed and without its slot, while others go on',
    marbles((helpers) => {
      const { cold, expectObservable, flush } = helpers;
      const analyse = (letter: string) =>
        cold(letter === 'c' ? '-(r|)' : '10ms (r|)', { r: result });
      const { settled$, calls } = working(
        helpers,
        '(abc)',
        {
          a: asking('m1', 'a'),
          b: asking('m2', 'b'),
          c: asking('m3', 'c'),
        },
        {
          lanes: slotsOf(2),
          stages: {
            claim: ({ command }, takeOver) => {
              const mine = aClaim({ assetId: command.assetId });
              return of(command.assetId.endsWith('c') ? mine : takeOver ? mine : suspect);
            },
            analyse: ({ asset }) => analyse(asset.assetId.slice(-1)),
          },
        },
      );
      expectObservable(settled$).toBe('-c 8ms a 9ms b', {
        a: 'm1 done',
        b: 'm2 done',
        c: 'm3 done',
      });
      flush();
      expect(calls.filter((call) => /take over|analyse/.test(call))).toEqual([
        'take over a',
        'analyse a',
        'analyse c',
        'take over b',
        'analyse b',
      ]);
    }),
  );

  it('goes before those that have died more often, so that what kills comes last', () => {
    const ends: Record<string, Subject<AssetResult>> = {};
    const attempts: Readonly<Record<string, number>> = { a: 1, b: 4, c: 2, d: 2 };
    const letterOf = ({ assetId }: AssetKey) => assetId.slice(-1);
    const { stages, calls } = fakeStages({
      claim: ({ command }, takeOver) =>
        of(
          takeOver
            ? aClaim({ assetId: command.assetId })
            : { kind: 'suspect', attempts: attempts[letterOf(command)] ?? 0 },
        ),
      analyse: ({ asset }) => {
        const end = new Subject<AssetResult>();
        ends[letterOf(asset)] = end;
        return end;
      },
    });
    const run = processJob(stages, workerOptions(), ENOUGH);
    for (const letter of ['a', 'b', 'c', 'd']) {
      run({ ...job, command: { ...job.command, ...named(letter) } }, SLOT).subscribe();
    }
    for (const letter of ['a', 'c', 'd', 'b']) {
      ends[letter]?.next(result);
      ends[letter]?.complete();
    }
    const begun = calls.filter((call) => call.startsWith('analyse'));
    expect(begun).toEqual(['analyse a', 'analyse c', 'analyse d', 'analyse b']);
  });

  it('is looked at again later where many wait already, so that they do not fill the hands', () => {
    const { stages, calls } = fakeStages({
      claim: (_, takeOver) => of(takeOver ? claimed : suspect),
      analyse: () => NEVER,
    });
    const run = processJob(stages, workerOptions({ suspectsWaitingMax: () => 1 }), ENOUGH);
    const outcomes: Outcome[] = [];
    for (const letter of ['a', 'b', 'c']) {
      const one = { ...job, command: { ...job.command, ...named(letter) } };
      run(one, SLOT).subscribe((each) => outcomes.push(each));
    }
    expect(outcomes).toEqual([{ kind: 'busy', afterSeconds: 2 }]);
    expect(calls).toEqual(['claim a', 'take over a', 'analyse a', 'claim b', 'claim c']);
  });

  it('is given back unclaimed where the worker goes down meanwhile', () => {
    let goingDown = false;
    const claim: Stages['claim'] = () => {
      goingDown = true;
      return of(suspect);
    };
    const found = outcome({ claim }, workerOptions({ draining: () => goingDown }));
    expect(found.outcome).toEqual({ kind: 'retry', afterSeconds: 0, code: 'ABORTED' });
    expect(found.calls).toEqual(['claim a']);
  });
});
