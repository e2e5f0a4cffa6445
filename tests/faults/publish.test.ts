// Rows P14 to P17: a topic that does not take an event. The job is done and its message goes; the event waits in the row, and
// the sweeper sends it, under the one id that it has.
import { describe, it, vi } from 'vitest';
import { cloud } from '../support/cloud.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { type FaultWorld, faultWorld, PHOTO } from './support/fault-world.ts';
import type { Answer, HttpFault } from './support/http-fault-proxy.ts';
import { notSteady } from './support/steady-state.ts';
import { sweepAhead } from './support/sweep-ahead.ts';

/** As many calls as one publication makes. */
const CALLS = 3;

/** Until an event that could not be published is due again. */
const OUTBOX_DUE_MS = 60_000;

const PUBLISHED = { finding: 'event published' };

/** An error as SNS spells it. */
const snsError = (code: string, status: number): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
});

/** Committed, its message gone, and its event waiting in the row, where the sweeper will look for it. */
async function untilItWaits({ stack }: FaultWorld, id: string) {
  await stack.until(id, 'COMPLETED');
  await stack.untilEmpty();
  const row = await stack.row(id);
  if (!row.event) throw new Error('its event has been published');
  return row;
}

describe.concurrent('a topic', () => {
  it.for<readonly [string, HttpFault]>([
    ['P14 that is throttled', snsError('Throttled', 429)],
    ['P14 that fails', snsError('InternalError', 500)],
    ['P14 that cannot be reached', 'cut'],
    ['P14 that takes the event, and whose reply is lost', 'lost reply'],
    ['P15 that may not be published to', snsError('AuthorizationError', 403)],
    ['P15 that was deleted', snsError('NotFound', 404)],
  ])('%s: is called three times; the event waits, and goes out later', async ([, fault], test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const sns = await world.proxyOf('sns');
    const refused = sns.inject('PublishBatch', fault);
    const { id } = await world.upload();
    const worker = await stack.startWorker({ endpoints: { sns: sns.url } });
    const waiting = await untilItWaits(world, id);
    test.expect(refused.met).toBe(CALLS);
    const told = worker.log.messages.filter((line) => line.startsWith('events'));
    test.expect(told).toEqual(['events cannot be published']);
    test.expect(waiting).toMatchObject({ attempts: 1, event: { eventId: waiting.eventId } });
    test.expect(waiting.dueAt).toBeGreaterThan(0);

    test.expect(await sweepAhead(stack, OUTBOX_DUE_MS)).toMatchObject([PUBLISHED]);
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    const { event: _, dueAt: __, rev, updatedAt, ...rest } = await stack.row(id);
    test.expect(waiting).toMatchObject(rest);
    test.expect([rev, updatedAt]).not.toEqual([waiting.rev, waiting.updatedAt]);
  });

  it('P14 that is a black hole: holds up no message for longer than its calls last', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const { hostname, port } = new URL(cloud().endpoints.sns);
    const line = await tcpProxy({ host: hostname, port: Number(port) });
    test.onTestFinished(line.close);
    const first = await world.upload();
    await stack.startWorker({ endpoints: { sns: `http://127.0.0.1:${line.port}` } });
    await stack.untilDone(first.id, 'COMPLETED');
    line.breakDown({ kind: 'black hole' });
    const second = await world.upload();
    await untilItWaits(world, second.id);
    test.expect(line.harmed).toBeGreaterThan(0);
    line.recover();
    test.expect(await sweepAhead(stack, OUTBOX_DUE_MS)).toMatchObject([PUBLISHED]);
    const both = [first, second].map(({ id }) => ({ id, status: 'COMPLETED' as const }));
    test.expect(await notSteady(stack, ...both)).toEqual([]);
  });

  it('P17 that two sweepers publish to at once: there is one event id, and the row is cleared once', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const sns = await world.proxyOf('sns');
    sns.inject('PublishBatch', 'cut');
    const uploads = [await world.upload(), await world.upload(), await world.upload()];
    await stack.startWorker({ endpoints: { sns: sns.url } });
    const waiting = [];
    for (const { id } of uploads) waiting.push(await untilItWaits(world, id));
    const swept = await Promise.all([1, 2, 3].map(() => sweepAhead(stack, OUTBOX_DUE_MS)));
    test
      .expect(swept.flat().filter(({ finding }) => finding === PUBLISHED.finding))
      .toHaveLength(3);
    const ended = uploads.map(({ id }) => ({ id, status: 'COMPLETED' as const }));
    test.expect(await notSteady(stack, ...ended)).toEqual([]);
    for (const row of waiting) {
      const events = await stack.eventsOf(row.assetId);
      test.expect(events.map(({ event }) => event.eventId)).toEqual([row.eventId]);
    }
  });
});

describe.concurrent('an event', () => {
  /** What Standard Webhooks calls usual, and a twelfth of what SNS takes. */
  const EVENT_BYTES_MAX = 20_000;

  it.for([
    ['COMPLETED', PHOTO],
    ['FAILED', new Uint8Array(PHOTO.length)],
  ] as const)(
    'P16 of an asset that is %s stays small, however much is known of it',
    async ([status, bytes], test) => {
      const world = await faultWorld(test);
      const { stack } = world;
      const sns = await world.proxyOf('sns');
      await stack.startWorker({ endpoints: { sns: sns.url } });
      const { id } = await stack.upload('🏖'.repeat(127), 'image/jpeg', bytes, {
        metadata: { text: 'ü'.repeat(1000) },
      });
      await stack.untilDone(id, status);
      test.expect(await notSteady(stack, { id, status })).toEqual([]);
      await vi.waitUntil(() => sns.exchanges.some(({ body }) => body.includes(id)), EVENTUALLY);
      const sent = sns.exchanges.filter(({ operation }) => operation === 'PublishBatch');
      // As sent, which is longer than what is counted: every special character is three.
      test.expect(sent.map(({ body }) => body.length < EVENT_BYTES_MAX)).toEqual([true]);
    },
  );
});
