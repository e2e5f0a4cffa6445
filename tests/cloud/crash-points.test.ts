// A worker is killed at one point of a job's life, and the next one finishes it: once, and told once. Both are processes;
// each test has resources of its own, because many run at once.
import { afterAll, describe, expect, it } from 'vitest';
import { mediaBytes } from '../support/file-source.ts';
import { Processes } from '../support/processes.ts';
import { openStack, type TestStack } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';

const processes = new Processes();
const stacks: TestStack[] = [];
afterAll(async () => {
  await processes.end();
  await Promise.all(stacks.map((stack) => stack.close()));
});

const photo = mediaBytes('portrait.jpg');
const PATIENCE_MS = 120_000;

/** Short, so that nobody waits long for what the dead one held. */
const LEASE = { WORKER_LEASE_SECONDS: '3', LOG_LEVEL: 'warn' };

const POINTS = ['lock', 'claim', 'analyse', 'commit', 'publish', 'clear', 'ack'].flatMap(
  (stage) => [`before-${stage}`, `after-${stage}`],
);

describe.concurrent.each(POINTS)('a worker that is killed %s', (point) => {
  it(
    'leaves everything to the next one',
    async () => {
      const stack = await openStack();
      stacks.push(stack);
      const env = { ...stackVariables(stack), ...LEASE };
      const { id } = await stack.upload('portrait.jpg', 'image/jpeg', photo);
      const first = processes.main('worker', [], { ...env, CRASH_AT: point });
      expect(await first.exitCode()).toBeNull();
      expect(first.endedBy).toBe('SIGKILL');

      processes.main('worker', [], env);
      const row = await stack.untilDone(id, 'COMPLETED');
      expect(row.history.filter(({ step }) => step === 'commit')).toHaveLength(1);
      const events = await stack.eventsOf(id);
      expect(new Set(events.map(({ event }) => event.eventId)).size).toBe(1);
      expect(events[0]?.event).toMatchObject({ assetId: id, status: 'COMPLETED' });
      await stack.untilEmpty();
      expect(await stack.takeDeadLetters()).toEqual([]);
    },
    PATIENCE_MS,
  );
});
