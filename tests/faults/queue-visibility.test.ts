// Rows Q7, Q8 and Q10: how long a message stays hidden while its job runs, and what another worker makes of it when it does not.
// A lease is 3 s and a message hides for 4 s; a gate holds the jobs.
import { describe, it, vi } from 'vitest';
import { cloud } from '../support/cloud.ts';
import { gatedMedia } from '../support/gated-media.ts';
import { gatedProxy } from '../support/gated-proxy.ts';
import { Processes } from '../support/processes.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import type { TestWorker } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';
import { faultWorld, SHORT } from './support/fault-world.ts';
import { jsonError } from './support/http-fault-proxy.ts';
import { notSteady } from './support/steady-state.ts';

/** Each hides the message for its visibility, when half of that is over: six are three visibilities. */
const RENEWALS = 6;

const settlements = ({ log }: TestWorker) =>
  log.lines.filter(({ message }) => message === 'message settled').map(({ fields }) => fields);

describe.concurrent('a job', () => {
  it('Q7 of three times the visibility: is delivered once, and runs once', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const sqs = await world.proxyOf('sqs');
    const { id, event } = await world.uploadAndHold();
    await stack.send(event);
    const gate = gatedMedia();
    const [worker, other] = [
      await stack.startWorker({ ...SHORT, endpoints: { sqs: sqs.url }, media: gate.through }),
      await stack.startWorker({ ...SHORT, endpoints: { sqs: sqs.url }, media: gate.through }),
    ];
    const renewals = () =>
      sqs.exchanges.filter(({ operation }) => operation === 'ChangeMessageVisibilityBatch').length;
    await vi.waitUntil(() => renewals() >= RENEWALS, EVENTUALLY);
    gate.open();
    await stack.untilDone(id, 'COMPLETED');
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect(gate.begun).toEqual([id]);
    // Delivered once, to one of them.
    const all = [...settlements(worker), ...settlements(other)];
    test.expect(all.map(({ receiveCount }) => receiveCount)).toEqual([1]);
  });

  it('Q8 whose message cannot be kept hidden: a second worker finds the lease, and leaves it alone', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const sqs = await world.proxyOf('sqs');
    const broken = jsonError('InternalFailure', 500);
    sqs.inject('ChangeMessageVisibilityBatch', broken);
    const { id, event } = await world.uploadAndHold();
    await stack.send(event);
    const gate = gatedMedia();
    await stack.startWorker({ ...SHORT, endpoints: { sqs: sqs.url }, media: gate.through });
    await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);
    const second = await stack.startWorker({ ...SHORT, media: gate.through });
    await vi.waitUntil(() => settlements(second).some(({ kind }) => kind === 'busy'), EVENTUALLY);
    gate.open();
    await stack.untilDone(id, 'COMPLETED');
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect(gate.begun).toEqual([id]);
    test.expect(await stack.row(id)).toMatchObject({ attempts: 1, fencingToken: 1 });
  });

  it('Q8 that can renew nothing: a second worker ends it, and the first cannot', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const [sqs, dynamodb] = [await world.proxyOf('sqs'), await world.proxyOf('dynamodb')];
    const { id, event } = await world.uploadAndHold();
    await stack.send(event);
    const gate = gatedMedia();
    const first = await stack.startWorker({
      ...SHORT,
      endpoints: { sqs: sqs.url, dynamodb: dynamodb.url },
      media: gate.through,
    });
    await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);
    sqs.inject('ChangeMessageVisibilityBatch', jsonError('InternalFailure', 500));
    const throttled = 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
    const unrenewed = dynamodb.inject('UpdateItem', jsonError(throttled));
    await unrenewed.untilMet(1);
    await stack.startWorker(SHORT);
    const row = await stack.untilDone(id, 'COMPLETED');
    test.expect(row).toMatchObject({ attempts: 2, fencingToken: 2 });

    // It hears of it at its next beat, and leaves its work where it is: the gate never opened.
    unrenewed.end();
    const dropped = () => settlements(first).filter(({ kind }) => kind === 'drop');
    await vi.waitUntil(() => dropped().length > 0, EVENTUALLY);
    test.expect(dropped()).toMatchObject([{ code: 'LEASE_LOST' }]);
    test.expect(gate.begun).toEqual([id]);
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect(await stack.row(id)).toEqual(row);
  });
});

describe.concurrent('a worker', () => {
  it('Q10 that is killed with ten messages in hand: all come again, and none is lost', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const processes = new Processes();
    test.onTestFinished(() => processes.end());
    const s3 = await gatedProxy(cloud().endpoints.s3);
    test.onTestFinished(s3.close);
    s3.holdBodies(({ method }) => method === 'GET');
    const uploads = await Promise.all(Array.from({ length: 10 }, () => world.upload()));
    const worker = processes.main('worker', [], {
      ...stackVariables(stack),
      AWS_ENDPOINT_URL_S3: s3.url,
      WORKER_CONCURRENCY: '10',
      WORKER_LEASE_SECONDS: String(SHORT.leaseSeconds),
    });
    await worker.untilSaid('worker is polling');
    for (const { id } of uploads) await stack.until(id, 'PROCESSING');
    worker.signal('SIGKILL');
    test.expect(await worker.exitCode()).toBeNull();

    await stack.startWorker(SHORT);
    for (const { id } of uploads) await stack.untilDone(id, 'COMPLETED');
    const ended = uploads.map(({ id }) => ({ id, status: 'COMPLETED' as const }));
    test.expect(await notSteady(stack, ...ended)).toEqual([]);
    const rows = await Promise.all(uploads.map(({ id }) => stack.row(id)));
    test.expect(rows.filter(({ attempts }) => attempts < 2)).toEqual([]);
  }, 120_000);
});
