// Rows P8 to P11, P13 and P19: writes of which nobody knows whether they were applied, that DynamoDB refuses for a reason of
// its own, and that meet another of the same row.
import { describe, it, vi } from 'vitest';
import { DynamoAssetStore } from '#adapters/aws/dynamo-asset-store.ts';
import { commit } from '#domain/protocol.ts';
import { fail } from '#domain/sweeping.ts';
import type { Ports } from '#main/ports.ts';
import type { Strategy } from '#ports/strategy.ts';
import { claimAt, pendingAsset, thinEvent } from '../contracts/fixtures.ts';
import { aFailure, aResult } from '../support/an-asset.ts';
import { overriding } from '../support/overriding.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import type { TestWorker, TestWorkerOptions } from '../support/stack.ts';
import { faultWorld } from './support/fault-world.ts';
import { jsonError, type SeenRequest } from './support/http-fault-proxy.ts';
import { notSteady } from './support/steady-state.ts';

/** As many calls as one stage makes for one claim. */
const CALLS = 3;

type Step = 'claim' | 'commit' | 'clearOutbox';

/** Whether a request writes that step: it notes its name in the history, unless it only clears up. */
const writes =
  (step: Step) =>
  ({ operation, body }: SeenRequest): boolean => {
    const noted = ['claim', 'commit'].find((name) => body.includes(`"${name}"`)) ?? 'clearOutbox';
    return operation === 'UpdateItem' && noted === step;
  };

const error = (name: string) => jsonError(`com.amazonaws.dynamodb.v20120810#${name}`);

/** The shortest waits there are. */
const impatient = (ports: Ports): Ports => ({
  ...ports,
  ids: overriding(ports.ids, { random: () => 0 }),
});

const settlements = ({ log }: TestWorker) =>
  log.lines.filter(({ message }) => message === 'message settled').map(({ fields }) => fields);

/** An upload whose event is sent once the database has a fault, and a worker whose database that is. */
async function oneUpload(test: Parameters<typeof faultWorld>[0]) {
  const world = await faultWorld(test);
  const dynamodb = await world.proxyOf('dynamodb');
  const { id, event } = await world.uploadAndHold();
  const start = async (options: TestWorkerOptions = {}) => {
    await world.stack.send(event);
    const endpoints = { dynamodb: dynamodb.url };
    return world.stack.startWorker({ ports: impatient, endpoints, ...options });
  };
  return { stack: world.stack, dynamodb, id, start };
}

describe.concurrent('a write that is applied, and whose reply is lost', () => {
  it.for<readonly [string, Step, readonly number[]]>([
    ['P9 the claim', 'claim', [200, 400]],
    ['P8 the commit', 'commit', [200, 400]],
    ['P6 the one that forgets the event', 'clearOutbox', [200, 400]],
  ])('%s: is recognised, and nothing happens twice', async ([, step, statuses], test) => {
    const { stack, dynamodb, id, start } = await oneUpload(test);
    const lost = dynamodb.inject(writes(step), 'lost reply', 1);
    await start();
    await lost.untilMet(1);
    const row = await stack.untilDone(id, 'COMPLETED');
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect(row.history.map((entry) => entry.step)).toEqual(['init', 'claim', 'commit']);
    test.expect(row).toMatchObject({ attempts: 1, fencingToken: 1 });
    test.expect(await stack.eventsOf(id)).toHaveLength(1);
    // It was written again, and refused.
    const written = dynamodb.exchanges.filter(writes(step));
    test.expect(written.map(({ status }) => status)).toEqual(statuses);
  });
});

describe.concurrent('a write that DynamoDB refuses', () => {
  const REASONS = [
    ['P10', 'TransactionConflictException'],
    ['P10', 'TransactionInProgressException'],
    ['P11', 'ProvisionedThroughputExceededException'],
    ['P11', 'ThrottlingException'],
  ] as const;

  it.for(REASONS)(
    '%s with %s, twice: is tried a third time, and no attempt is lost',
    async ([, name], test) => {
      const { stack, dynamodb, id, start } = await oneUpload(test);
      const refused = (['claim', 'commit'] as const).map((step) =>
        dynamodb.inject(writes(step), error(name), CALLS - 1),
      );
      await start();
      const row = await stack.untilDone(id, 'COMPLETED');
      test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
      test.expect(refused.map(({ met }) => met)).toEqual([CALLS - 1, CALLS - 1]);
      test.expect(row).toMatchObject({ attempts: 1, fencingToken: 1 });
    },
  );

  it('P11 for as long as a claim lasts: the message comes again, after few calls and a wait', async (test) => {
    const { stack, dynamodb, id, start } = await oneUpload(test);
    const throttled = error('ProvisionedThroughputExceededException');
    const refused = dynamodb.inject(writes('claim'), throttled, CALLS);
    const worker = await start();
    await vi.waitUntil(() => settlements(worker).length > 0, EVENTUALLY);
    test.expect(refused.met).toBe(CALLS);
    test.expect(settlements(worker)[0]).toMatchObject({ kind: 'retry', code: 'STORE_UNAVAILABLE' });
    await stack.untilDone(id, 'COMPLETED');
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect(await stack.row(id)).toMatchObject({ attempts: 1, fencingToken: 1 });
  });

  it('P11 for as long as a commit lasts: the lease is given back, and another attempt ends it', async (test) => {
    const { stack, dynamodb, id, start } = await oneUpload(test);
    dynamodb.inject(writes('commit'), error('ProvisionedThroughputExceededException'), CALLS);
    await start();
    const row = await stack.untilDone(id, 'COMPLETED');
    const steps = row.history.map(({ step, code }) => [step, code].filter(Boolean).join(' '));
    const released = 'release STORE_UNAVAILABLE';
    test.expect(steps).toEqual(['init', 'claim', released, 'claim', 'commit']);
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
  });

  it('P13 because the row would be larger than 400 KB: FAILED when its attempts are spent, told of once', async (test) => {
    const { stack, id, start } = await oneUpload(test);
    const tries: string[] = [];
    const verbose = (strategy: Strategy): Strategy => ({
      kind: strategy.kind,
      analyse: async (input, signal) => {
        tries.push(input.asset.assetId);
        const analysis = await strategy.analyse(input, signal);
        const { metadata } = analysis;
        return { ...analysis, metadata: { ...metadata, tags: { title: 'x'.repeat(400 * 1024) } } };
      },
    });
    const media: TestWorkerOptions['media'] = ({ openSource, select }) => ({
      openSource,
      select: (type) => {
        const strategy = select(type);
        return strategy && verbose(strategy);
      },
    });
    await start({ media, attemptsMax: 2 });
    const row = await stack.untilDone(id, 'FAILED');
    test.expect(row.failure).toMatchObject({ code: 'RETRIES_EXHAUSTED' });
    test.expect(tries).toEqual([id, id]);
    test.expect(await notSteady(stack, { id, status: 'FAILED' })).toEqual([]);
  });
});

describe.concurrent('COMPLETED and FAILED at once', () => {
  const ROWS = 20;

  it('P19 a commit as the sweeper gives up: one of them ends the asset, the other is refused', async (test) => {
    const { stack } = await faultWorld(test);
    const store = new DynamoAssetStore(stack.clients.dynamodb, stack.names.table);
    const at = Date.now();
    const race = async (n: number) => {
      const pending = pendingAsset();
      await store.create(pending);
      const { asset } = await store.write(pending, claimAt(at - 60_000));
      if (!asset) throw new Error('there is no row');
      const completed = thinEvent({ status: 'COMPLETED' });
      const failed = thinEvent({ type: 'VideoFailedEvent', status: 'FAILED' });
      const done = commit(asset, {
        at,
        ending: { result: aResult(), event: completed },
      });
      const gone = fail(asset, {
        at,
        dueAt: at,
        attemptsMax: 1,
        failure: aFailure(),
        event: failed,
      });
      // By turns, because the first to ask is often the first to be served.
      const writes = n % 2 === 0 ? [done, gone] : [gone, done];
      const written = await Promise.all(writes.map((change) => store.write(asset, change)));
      const row = await store.get(asset);
      const won = written.filter(({ applied }) => applied);
      const endings = row?.history.filter(({ step }) => step === 'commit' || step === 'fail');
      test.expect(won).toHaveLength(1);
      test.expect(endings).toHaveLength(1);
      test.expect(row?.event?.status).toBe(row?.status);
      test.expect(row?.event?.eventId).toBe(row?.eventId);
      test.expect(won[0]?.asset).toEqual(row);
    };
    for (let n = 0; n < ROWS; n += 1) await race(n);
  });
});
