// Services at which every call fails: how many calls that makes, counted at their doors, and how it ends.
import { describe, expect, it, vi } from 'vitest';
import { EVENTUALLY } from '../support/queue-watch.ts';
import type { TestWorker } from '../support/stack.ts';
import { faultWorld, SHORT } from './support/fault-world.ts';
import type { Answer, HttpFaultProxy } from './support/http-fault-proxy.ts';
import { notSteady } from './support/steady-state.ts';

/** No body: of S3, SNS, SQS and DynamoDB alike. */
const FAILS: Answer = { status: 500, headers: {}, body: '' };

const CALLS_PER_STAGE_AND_CLAIM = 3;

/** How often messages have come, the bodies of which have that in them. */
function deliveriesOf(sqs: HttpFaultProxy, text: string): number {
  return sqs.exchanges
    .filter(({ operation }) => operation === 'ReceiveMessage')
    .reduce((sum, { answer }) => sum + bodiesOf(answer).filter((b) => b.includes(text)).length, 0);
}

function bodiesOf(answer: string): string[] {
  const { Messages = [] } = JSON.parse(answer) as { Messages?: readonly { Body: string }[] };
  return Messages.map(({ Body }) => Body);
}

describe.concurrent('a dependency at which every call fails', () => {
  it.for<readonly [string, 's3' | 'dynamodb' | 'sqs', string, number]>([
    ['S3, at the claim', 's3', 'HEAD', CALLS_PER_STAGE_AND_CLAIM],
    // An analysis is not repeated within a claim: its attempt is.
    ['S3, at the analysis', 's3', 'GET', 1],
    ['DynamoDB, at the claim', 'dynamodb', 'UpdateItem', CALLS_PER_STAGE_AND_CLAIM],
    ['SQS, at the delete', 'sqs', 'DeleteMessageBatch', CALLS_PER_STAGE_AND_CLAIM],
  ])(
    'S15 %s: no more calls than one layer makes for each delivery',
    async ([, service, operation, callsMax], test) => {
      const world = await faultWorld(test);
      const { stack } = world;
      const sqs = await world.proxyOf('sqs');
      const proxy = service === 'sqs' ? sqs : await world.proxyOf(service);
      const { id, event } = await world.uploadAndHold();
      const calls = proxy.inject(operation, FAILS);
      await stack.send(event);
      await stack.startWorker({ ...SHORT, endpoints: { sqs: sqs.url, [service]: proxy.url } });
      // The first call of the second delivery.
      await calls.untilMet(callsMax + 1);
      const made = calls.met;
      test.expect(made).toBeLessThanOrEqual(callsMax * deliveriesOf(sqs, id));
      test.expect(deliveriesOf(sqs, id)).toBeGreaterThan(1);
      calls.end();
      await stack.untilDone(id, 'COMPLETED');
      test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    },
  );

  it('S15 SNS: three calls, and the event waits in its row', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const sns = await world.proxyOf('sns');
    const calls = sns.inject(({ operation }) => operation.startsWith('Publish'), FAILS);
    const { id } = await world.upload();
    await stack.startWorker({ endpoints: { sns: sns.url } });
    await stack.until(id, 'COMPLETED');
    await stack.untilEmpty();
    await stack.stopWorkers();
    test.expect(calls.met).toBe(CALLS_PER_STAGE_AND_CLAIM);
    test.expect((await stack.row(id)).event).toBeDefined();
  });

  it('S16 DynamoDB, for a while: the intake closes but for a message at a time, opens again, and no attempt is lost', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const [sqs, dynamodb] = [await world.proxyOf('sqs'), await world.proxyOf('dynamodb')];
    const endpoints = { sqs: sqs.url, dynamodb: dynamodb.url };
    const worker = await stack.startWorker({ concurrency: 4, endpoints });
    const calls = dynamodb.inject(() => true, FAILS);
    const uploads = await Promise.all(Array.from({ length: 6 }, () => world.upload()));
    await said(worker, 'dependency is not called for now');
    // What was in hand as it opened has been given back, or is a trial.
    await vi.waitUntil(() => settled(worker) === deliveriesOf(sqs, 'uploads'), EVENTUALLY);
    const before = { calls: calls.met, deliveries: deliveriesOf(sqs, 'uploads') };
    await calls.untilMet(before.calls + 2);
    const trials = calls.met - before.calls;
    // A trial that is under way has its message in hand.
    test.expect(deliveriesOf(sqs, 'uploads') - before.deliveries).toBeLessThanOrEqual(trials + 1);
    calls.end();
    await said(worker, 'dependency is called again');
    for (const { id } of uploads) {
      test.expect(await stack.untilDone(id, 'COMPLETED')).toMatchObject({ attempts: 1 });
    }
    const ended = uploads.map(({ id }) => ({ id, status: 'COMPLETED' as const }));
    test.expect(await notSteady(stack, ...ended)).toEqual([]);
  });
});

const said = (worker: TestWorker, message: string) =>
  vi.waitFor(() => expect(worker.log.messages).toContain(message), EVENTUALLY);

const settled = (worker: TestWorker) =>
  worker.log.messages.filter((message) => message === 'message settled').length;
