// Rows Q6, Q26, Q27 and Q28: a queue that answers late, not at all, with a refusal, or with more than anybody can take.
import { describe, it, vi } from 'vitest';
import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import type { Ports } from '#main/ports.ts';
import type { Demand, Queue } from '#ports/queue.ts';
import { cloud } from '../support/cloud.ts';
import { gatedMedia } from '../support/gated-media.ts';
import { overriding } from '../support/overriding.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import type { Initiated } from '../support/stack.ts';
import { type TcpFault, tcpProxy } from '../support/tcp-proxy.ts';
import { faultWorld, SHORT } from './support/fault-world.ts';
import { type HttpFault, jsonError } from './support/http-fault-proxy.ts';
import { notSteady } from './support/steady-state.ts';

describe.concurrent('ReceiveMessage', () => {
  it('Q6 loses the reply that brings a message: it comes again, and no attempt is lost', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const sqs = await world.proxyOf('sqs');
    const { id, event } = await world.uploadAndHold();
    await stack.send(event);
    const lost = sqs.inject('ReceiveMessage', 'lost reply', 1);
    const worker = await stack.startWorker({ ...SHORT, endpoints: { sqs: sqs.url } });
    await lost.untilMet(1);
    await stack.untilDone(id, 'COMPLETED');
    // The reply that nobody saw did bring it.
    const brought = sqs.exchanges.filter(({ answer }) => answer.includes(id));
    test.expect(brought.length).toBeGreaterThan(1);
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect(await stack.row(id)).toMatchObject({ attempts: 1, fencingToken: 1 });
    const settled = worker.log.lines.filter(({ message }) => message === 'message settled');
    test.expect(settled[0]?.fields['receiveCount']).toBeGreaterThan(1);
  });

  it.for<readonly [string, HttpFault]>([
    ['Q28 answers OverLimit', jsonError('com.amazonaws.sqs#OverLimit', 403)],
    ['Q28 answers that it is throttled', jsonError('com.amazonaws.sqs#RequestThrottled', 403)],
    ['Q26 refuses connections', 'cut'],
  ])(
    '%s: the worker stays, says so once, asks less and less, and resumes',
    async ([, fault], test) => {
      const world = await faultWorld(test);
      const { stack } = world;
      const sqs = await world.proxyOf('sqs');
      const outage = sqs.inject('ReceiveMessage', fault);
      const { id, event } = await world.uploadAndHold();
      await stack.send(event);
      const worker = await stack.startWorker({ endpoints: { sqs: sqs.url } });
      await outage.untilMet(4);
      test.expect((await stack.row(id)).status).toBe('PENDING');
      outage.end();
      await stack.untilDone(id, 'COMPLETED');
      test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
      const said = worker.log.messages.filter((line) => line.startsWith('the queue'));
      test.expect(said).toEqual(['the queue does not answer', 'the queue answers again']);
      test.expect(worker.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
    },
  );

  it.for<TcpFault['kind']>(['black hole', 'lost reply', 'reset'])(
    'Q26 is out of reach (%s) while a poll is open: the worker stays, and resumes',
    async (kind, test) => {
      const world = await faultWorld(test);
      const { stack } = world;
      const { hostname, port } = new URL(cloud().endpoints.sqs);
      const line = await tcpProxy({ host: hostname, port: Number(port) });
      test.onTestFinished(line.close);
      const sqs = `http://127.0.0.1:${line.port}`;
      const first = await world.uploadAndHold();
      await stack.send(first.event);
      const worker = await stack.startWorker({ ...SHORT, endpoints: { sqs } });
      await stack.untilDone(first.id, 'COMPLETED');
      await stack.untilEmpty();

      line.breakDown(kind === 'latency' ? { kind, ms: 100 } : { kind });
      await vi.waitUntil(
        () => worker.log.messages.includes('the queue does not answer'),
        EVENTUALLY,
      );
      const second = await world.upload();
      test.expect(line.harmed).toBeGreaterThan(0);
      test.expect((await stack.row(second.id)).status).toBe('PENDING');
      line.recover();
      await stack.untilDone(second.id, 'COMPLETED');
      const both = [first, second].map(({ id }) => ({ id, status: 'COMPLETED' as const }));
      test.expect(await notSteady(stack, ...both)).toEqual([]);
      test.expect((await stack.row(second.id)).attempts).toBe(1);
    },
  );
});

describe.concurrent('a backlog', () => {
  const FLOOD = 10_000;
  const CONCURRENCY = 4;

  /** In memory, because an emulator takes a minute for so many; what it has handed out is counted. */
  function countedQueue() {
    const queue = new MemoryQueue({ waitSeconds: 1, visibilitySeconds: 30 });
    const counted = { delivered: 0 };
    const consume: Queue['consume'] = ({ ask, deliver }, signal) => {
      const demand: Demand = {
        ask,
        deliver: (messages, asked) => {
          counted.delivered += messages.length;
          deliver(messages, asked);
        },
      };
      return queue.consume(demand, signal);
    };
    const between = (ports: Ports): Ports => ({ ...ports, queue: overriding(queue, { consume }) });
    return { queue, counted, between };
  }

  it('Q27 of 10 000: no more is in hand than is worked on, and all of it is done', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const gate = gatedMedia();
    const { queue, counted, between } = countedQueue();
    const uploads: Initiated[] = [];
    for (let n = 0; n < CONCURRENCY; n += 1) {
      const { event, ...upload } = await world.uploadAndHold();
      await queue.send({ body: event });
      uploads.push(upload);
    }
    const options = { ...SHORT, concurrency: CONCURRENCY, media: gate.through, ports: between };
    await stack.startWorker(options);
    await vi.waitUntil(() => gate.begun.length === CONCURRENCY, EVENTUALLY);
    for (let sent = 0; sent < FLOOD; sent += 1) {
      await queue.send({ body: JSON.stringify({ Event: 's3:TestEvent' }) });
    }
    // By then it would have taken them, if it did.
    const [first] = uploads;
    const leaseOf = async () => (await stack.row(first?.id ?? '')).leaseUntil ?? 0;
    const lease = await leaseOf();
    await vi.waitUntil(async () => (await leaseOf()) > lease, EVENTUALLY);
    test.expect(counted.delivered).toBe(CONCURRENCY);
    test.expect(queue.size).toBe(CONCURRENCY + FLOOD);

    gate.open();
    await vi.waitUntil(() => queue.size === 0, EVENTUALLY);
    test.expect(counted.delivered).toBe(CONCURRENCY + FLOOD);
    const ended = uploads.map(({ id }) => ({ id, status: 'COMPLETED' as const }));
    test.expect(await notSteady(stack, ...ended)).toEqual([]);
  });
});
