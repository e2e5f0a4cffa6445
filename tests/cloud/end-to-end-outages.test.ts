// Services that are out for a while: nothing is lost, nothing fails for it, and all ends as soon as they are back. The
// worker reaches one service through a proxy that fails; the client does not.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AssetEvent } from '#domain/events.ts';
import type { Ports } from '#main/ports.ts';
import { type Cloud, cloud } from '../support/cloud.ts';
import { type FaultyProxy, faultyProxy } from '../support/faulty-proxy.ts';
import { mediaBytes } from '../support/file-source.ts';
import { overriding } from '../support/overriding.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { openStack, type TestStack } from '../support/stack.ts';

type Service = keyof Cloud['endpoints'];

let stack: TestStack;
let proxies: readonly FaultyProxy[] = [];
beforeAll(async () => {
  stack = await openStack();
});
afterEach(async () => {
  await stack.stopWorkers();
  await Promise.all(proxies.map((proxy) => proxy.close()));
  proxies = [];
});
afterAll(() => stack.close());

async function proxyBefore(service: Service): Promise<FaultyProxy> {
  const proxy = await faultyProxy(cloud().endpoints[service]);
  proxies = [...proxies, proxy];
  return proxy;
}

/** Sweeps soon, because a sweeper's times follow from the lease. */
const SWEEPING = { sweeps: true, leaseSeconds: 3 };

const photo = mediaBytes('portrait.jpg');
const upload = () => stack.upload('portrait.jpg', 'image/jpeg', photo);

/** The same photo, ended well and told of once. */
async function expectCompleted(id: string) {
  await stack.untilDone(id, 'COMPLETED');
  await stack.stopWorkers();
  await stack.untilEmpty();
  const row = await stack.row(id);
  expect(row.history.filter(({ step }) => step === 'commit')).toHaveLength(1);
  const ids = (await stack.eventsOf(id)).map(({ event }) => event.eventId);
  expect(ids).toEqual([row.eventId]);
  expect(await stack.takeDeadLetters()).toEqual([]);
  return row;
}

describe('an outage', () => {
  it.each<[Service, string]>([
    ['dynamodb', 'DynamoDB'],
    ['s3', 'S3'],
    ['sqs', 'SQS'],
    ['sns', 'SNS'],
  ])('of %s costs time, and no attempt', async (service) => {
    const before = await upload();
    const proxy = await proxyBefore(service);
    const worker = await stack.startWorker({ endpoints: { [service]: proxy.url }, ...SWEEPING });
    await stack.untilDone(before.id, 'COMPLETED');
    await stack.untilEmpty();

    proxy.breakDown();
    const uploads = await Promise.all([upload(), upload(), upload()]);
    // More than the calls of one stage, or of one batch; five open a circuit, and the sixth is a trial.
    await proxy.untilFailed(service === 'sqs' ? 4 : service === 'sns' ? 3 : 6);
    for (const { id } of uploads) expect((await stack.row(id)).status).not.toBe('FAILED');
    proxy.recover();
    for (const { id } of uploads) await stack.untilDone(id, 'COMPLETED');
    for (const { id } of uploads) expect((await expectCompleted(id)).attempts).toBe(1);
    expect(worker.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('of S3 in the middle of a job gives the asset back, and another attempt completes it', async () => {
    const proxy = await proxyBefore('s3');
    // HEAD answers, so that the asset is claimed; its bytes do not come.
    proxy.breakDown(({ method }) => method === 'GET');
    const { id } = await upload();
    await stack.startWorker({ endpoints: { s3: proxy.url } });
    await proxy.untilFailed(2);
    proxy.recover();
    const row = await expectCompleted(id);
    const steps = row.history.map(({ step, code }) => [step, code].filter(Boolean).join(' '));
    expect(steps.slice(0, 3)).toEqual(['init', 'claim', 'release OBJECT_STORE_UNAVAILABLE']);
    expect(steps.slice(-2)).toEqual(['claim', 'commit']);
    expect(row.lastError).toBeUndefined();
  });

  it('that outlasts the attempts ends in FAILED, which can be tried again, and one event', async () => {
    const proxy = await proxyBefore('s3');
    proxy.breakDown(({ method }) => method === 'GET');
    const { id } = await upload();
    await stack.startWorker({ endpoints: { s3: proxy.url }, attemptsMax: 1, ports: impatient });
    const row = await stack.untilDone(id, 'FAILED');
    await stack.stopWorkers();
    await stack.untilEmpty();
    expect(row.failure).toMatchObject({ code: 'RETRIES_EXHAUSTED', retryable: true });
    expect(row.failure?.detail).toContain('OBJECT_STORE_UNAVAILABLE');
    expect(await stack.eventsOf(id)).toHaveLength(1);
    expect(await stack.takeDeadLetters()).toEqual([]);
  });
});

/** Waits of one second, the shortest there are. */
const impatient = (ports: Ports): Ports => ({
  ...ports,
  ids: overriding(ports.ids, { random: () => 0 }),
});

describe('an event that cannot be published', () => {
  /** Refuses so many calls, by turns with an error and with a result that says so. */
  function refusing(calls: number) {
    const refused: AssetEvent[] = [];
    let count = 0;
    const between = (ports: Ports): Ports => ({
      ...impatient(ports),
      events: overriding(ports.events, {
        publish: async (events, signal) => {
          count += 1;
          if (count > calls) return ports.events.publish(events, signal);
          refused.push(...events);
          if (count % 2 === 0) throw new Error('no answer');
          return events.map(() => false);
        },
      }),
    });
    return { refused, between };
  }

  it('waits in its row, the asset COMPLETED, and goes out later under the same id', async () => {
    // More than the three calls of one try: the sweeper has to send it.
    const { refused, between } = refusing(5);
    const { id } = await upload();
    await stack.startWorker({ ports: between, ...SWEEPING });
    await vi.waitUntil(() => refused.length >= 3, EVENTUALLY);
    const waiting = await stack.until(id, 'COMPLETED');
    expect(waiting.event?.eventId).toBe(waiting.eventId);
    expect((await stack.view(id)).status).toBe('COMPLETED');

    const row = await expectCompleted(id);
    expect(row.eventId).toBe(waiting.eventId);
    expect(new Set(refused.map(({ eventId }) => eventId))).toEqual(new Set([row.eventId]));
    // The job itself was done once.
    expect(row).toMatchObject({ attempts: 1, fencingToken: 1 });
  });

  it('is published by the sweeper of another worker, when the one that committed is gone', async () => {
    const { refused, between } = refusing(Number.POSITIVE_INFINITY);
    const { id } = await upload();
    const first = await stack.startWorker({ ports: between, ...SWEEPING, sweeps: false });
    await vi.waitUntil(() => refused.length >= 3, EVENTUALLY);
    await first.stop();
    const waiting = await stack.until(id, 'COMPLETED');
    expect(waiting.event).toBeDefined();
    await stack.startWorker(SWEEPING);
    const row = await expectCompleted(id);
    expect(row).toMatchObject({ eventId: waiting.eventId, attempts: 1 });
  });
});
