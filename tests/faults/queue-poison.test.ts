// Rows Q11, Q12 and Q14: messages that do harm each time they are worked on, and the queue for those that nobody can use.
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, it } from 'vitest';
import { resolveNames } from '#adapters/aws/resolve-names.ts';
import type { Ports } from '#main/ports.ts';
import type { Strategy } from '#ports/strategy.ts';
import { overriding } from '../support/overriding.ts';
import { Processes } from '../support/processes.ts';
import type { TestWorkerOptions } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';
import { faultWorld, SHORT } from './support/fault-world.ts';
import { notSteady } from './support/steady-state.ts';

const POISON = 'poison.jpg';

/** The shortest waits there are. */
const impatient = (ports: Ports): Ports => ({
  ...ports,
  ids: overriding(ports.ids, { random: () => 0 }),
});

/** Media that throw at one file, whatever is tried. */
function throwing() {
  const tries: string[] = [];
  const poisoned = (strategy: Strategy): Strategy => ({
    kind: strategy.kind,
    analyse: async (input, signal) => {
      tries.push(input.asset.fileName);
      if (input.asset.fileName === POISON) throw new TypeError('it is not a function');
      return strategy.analyse(input, signal);
    },
  });
  const media: TestWorkerOptions['media'] = ({ openSource, select }) => ({
    openSource,
    select: (type) => {
      const strategy = select(type);
      return strategy && poisoned(strategy);
    },
  });
  return { tries, media };
}

describe.concurrent('a file', () => {
  it('Q11 at which the handler throws every time: FAILED when its attempts are spent, told of once', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const poison = await world.upload(POISON);
    const neighbour = await world.upload();
    const { tries, media } = throwing();
    await stack.startWorker({ media, attemptsMax: 3, ports: impatient });
    await stack.untilDone(neighbour.id, 'COMPLETED');
    const row = await stack.untilDone(poison.id, 'FAILED');
    test.expect(row.failure).toMatchObject({ code: 'RETRIES_EXHAUSTED', retryable: true });
    test.expect(row.failure?.detail).toContain('it is not a function');
    test.expect(tries.filter((name) => name === POISON)).toHaveLength(3);
    const steps = row.history.map(({ step }) => step);
    const attempt = ['claim', 'release'];
    test.expect(steps).toEqual(['init', ...attempt, ...attempt, ...attempt, 'claim', 'commit']);
    test
      .expect(
        await notSteady(
          stack,
          { id: poison.id, status: 'FAILED' },
          { id: neighbour.id, status: 'COMPLETED' },
        ),
      )
      .toEqual([]);
  });

  it('Q12 that kills the process every time: FAILED by the count in its row, and its neighbours end well', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const processes = new Processes();
    test.onTestFinished(() => processes.end());
    const poison = await world.upload(POISON);
    const neighbours = await Promise.all([world.upload(), world.upload(), world.upload()]);
    const env = {
      ...stackVariables(stack),
      CRASH_AT: `before-analyse@${POISON}`,
      WORKER_ATTEMPTS_MAX: '2',
      WORKER_LEASE_SECONDS: String(SHORT.leaseSeconds),
    };
    for (let crashes = 0; crashes < 2; crashes += 1) {
      const worker = processes.main('worker', [], env);
      test.expect(await worker.exitCode()).toBeNull();
      test.expect(worker.endedBy).toBe('SIGKILL');
    }
    await stack.startWorker({ ...SHORT, attemptsMax: 2 });
    const row = await stack.untilDone(poison.id, 'FAILED');
    test.expect(row.failure).toMatchObject({ code: 'RETRIES_EXHAUSTED', retryable: true });
    for (const { id } of neighbours) await stack.untilDone(id, 'COMPLETED');
    const others = neighbours.map(({ id }) => ({ id, status: 'COMPLETED' as const }));
    test.expect(await notSteady(stack, { id: poison.id, status: 'FAILED' }, ...others)).toEqual([]);
  }, 120_000);
});

describe.concurrent('the dead-letter queue', () => {
  it('Q14 keeps a letter longer than the work queue keeps a message, whose age it inherits', async (test) => {
    const { stack } = await faultWorld(test);
    const { queueUrl, deadLetterQueueUrl } = await resolveNames(stack.clients, stack.names);
    const retentionOf = async (QueueUrl: string): Promise<number> => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
      const { Attributes = {} } = await stack.clients.sqs.send(command);
      // SQS's own where nobody sets one: four days.
      return Number(Attributes['MessageRetentionPeriod'] ?? 345_600);
    };
    test.expect(await retentionOf(deadLetterQueueUrl)).toBeGreaterThan(await retentionOf(queueUrl));
  });
});
