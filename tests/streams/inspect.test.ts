import { describe, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import { inspectForeign } from '#streams/inspect.ts';
import type { Done, Foreign, Job } from '#streams/job.ts';
import { aMessage } from '../support/a-message.ts';
import { KEY } from '../support/an-asset.ts';
import { marbles } from '../support/marbles.ts';

const retry = { baseSeconds: 4, capSeconds: 60, leaseSeconds: 45, random: () => 0.5 };
const base = { message: aMessage({}, { receiveCount: 2 }), parts: 2 };
const foreign: Foreign = { ...base, key: 'uploads/readme.txt' };
const job: Job = { ...base, command: { kind: 'process', ...KEY, generation: 1 } };
const known: Done = { ...base, outcome: { kind: 'done', why: 'test event' } };

const gone: Done = { ...base, outcome: { kind: 'done', why: 'unknown key, no object' } };
const dead: Done = {
  ...base,
  outcome: {
    kind: 'dead',
    code: 'UNKNOWN_OBJECT',
    detail: 'no asset has the key uploads/readme.txt',
  },
};

describe('inspecting a foreign key', () => {
  it(
    'finds the message dead where there is an object that nobody knows',
    marbles(({ cold, expectObservable }) => {
      const inspect = () => cold('--x|', { x: true });
      const result = cold('-f-|', { f: foreign }).pipe(inspectForeign({ inspect }, retry));
      expectObservable(result).toBe('---d|', { d: dead });
    }),
  );

  it(
    'finds nothing to do where there is none',
    marbles(({ cold, expectObservable }) => {
      const inspect = () => cold('--x|', { x: false });
      const result = cold('-f-|', { f: foreign }).pipe(inspectForeign({ inspect }, retry));
      expectObservable(result).toBe('---d|', { d: gone });
    }),
  );

  it(
    'tries again later where it cannot find out',
    marbles(({ cold, expectObservable }) => {
      const code = 'OBJECT_STORE_UNAVAILABLE';
      const error = new ForgeError(code, 'transient', 'no answer');
      const inspect = () => cold<boolean>('--#', undefined, error);
      const result = cold('-f-|', { f: foreign }).pipe(inspectForeign({ inspect }, retry));
      const later: Done = { ...base, outcome: { kind: 'retry', afterSeconds: 4, code } };
      expectObservable(result).toBe('---(d|)', { d: later });
    }),
  );

  it(
    'asks about no other part, and holds none of them up',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const inspection = cold('  -----x|', { x: false });
      const parts = cold('     -fjk|', { f: foreign, j: job, k: known });
      const result = parts.pipe(inspectForeign({ inspect: () => inspection }, retry));
      expectObservable(result).toBe('--jk--d|', { j: job, k: known, d: gone });
      expectSubscriptions(inspection.subscriptions).toBe(['-^-----!']);
    }),
  );

  it(
    'tells of a long key as much as fits',
    marbles(({ cold, expectObservable }) => {
      const inspect = () => cold('(x|)', { x: true });
      const long = { ...foreign, key: 'x'.repeat(1000) };
      const result = cold('f|', { f: long }).pipe(inspectForeign({ inspect }, retry));
      const detail = `no asset has the key ${'x'.repeat(200)}`;
      const outcome: Done = { ...base, outcome: { kind: 'dead', code: 'UNKNOWN_OBJECT', detail } };
      expectObservable(result).toBe('d|', { d: outcome });
    }),
  );
});
