import { of } from 'rxjs';
import { describe, it } from 'vitest';
import type { Acquired } from '#ports/lock.ts';
import { dedupeLock } from '#streams/dedupe-lock.ts';
import type { Done, Job } from '#streams/job.ts';
import type { LockedJob } from '#streams/process.ts';
import { aMessage } from '../support/a-message.ts';
import { KEY } from '../support/an-asset.ts';
import { aLock } from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const retry = { baseSeconds: 4, capSeconds: 60, leaseSeconds: 45, random: () => 0.5 };
const job: Job = {
  message: aMessage({}, { receiveCount: 3 }),
  parts: 1,
  command: { kind: 'process', ...KEY, generation: 1 },
};
const held = aLock('a');

describe('dedupeLock', () => {
  it(
    'gives the job its lock',
    marbles(({ cold, expectObservable }) => {
      const lock = () => cold<Acquired>('--x|', { x: held });
      const locked: LockedJob = { ...job, lock: held };
      expectObservable(cold('-j|', { j: job }).pipe(dedupeLock({ lock }, retry))).toBe('---x|', {
        x: locked,
      });
    }),
  );

  it(
    'finds the asset busy where somebody else holds it, for longer each time',
    marbles(({ cold, expectObservable }) => {
      const lock = () => cold<Acquired>('--x|', { x: 'held' });
      const busy: Done = { ...job, outcome: { kind: 'busy', afterSeconds: 8 } };
      expectObservable(cold('-j|', { j: job }).pipe(dedupeLock({ lock }, retry))).toBe('---x|', {
        x: busy,
      });
    }),
  );

  it(
    'goes on without a lock where the lock service is unwell',
    marbles(({ cold, expectObservable }) => {
      const lock = () => cold<Acquired>('--x|', { x: 'unavailable' });
      const bare: LockedJob = { ...job, lock: null };
      expectObservable(cold('-j|', { j: job }).pipe(dedupeLock({ lock }, retry))).toBe('---x|', {
        x: bare,
      });
    }),
  );

  it(
    'does not let one slow lock hold up another',
    marbles(({ cold, expectObservable }) => {
      const quick: Job = { ...job, parts: 2 };
      const lock = ({ parts }: Job) =>
        parts === 2 ? of<Acquired>('unavailable') : cold<Acquired>('----x|', { x: held });
      const jobs = cold('-jq|', { j: job, q: quick });
      expectObservable(jobs.pipe(dedupeLock({ lock }, retry))).toBe('--y--x|', {
        x: { ...job, lock: held },
        y: { ...quick, lock: null },
      });
    }),
  );

  it(
    'leaves a lock that is being taken when its subscriber leaves',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const acquiring = cold<Acquired>('----x|', { x: held });
      const jobs = cold('-j|', { j: job });
      expectObservable(jobs.pipe(dedupeLock({ lock: () => acquiring }, retry)), '^--!').toBe('-');
      expectSubscriptions(acquiring.subscriptions).toBe('-^-!');
    }),
  );
});
