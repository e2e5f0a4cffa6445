// Rows Q1, Q3, Q13, Q18, Q20, Q21 and Q22: events that come again, late, in disorder, in another wrapping, or never. Whatever
// comes, an asset ends once.
import { describe, it, vi } from 'vitest';
import type { TerminalStatus } from '#domain/asset.ts';
import { anS3Record, etagOf } from '../support/a-message.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { keyOf, TENANT, type TestWorkerOptions } from '../support/stack.ts';
import { faultWorld, PHOTO } from './support/fault-world.ts';
import { jsonError } from './support/http-fault-proxy.ts';
import { notSteady } from './support/steady-state.ts';
import { sweepAhead } from './support/sweep-ahead.ts';

const HOUR_MS = 60 * 60_000;

const isFinding = (finding: string) => ({ finding });

/** A worker that takes every file for a broken one. */
const pessimist: TestWorkerOptions = {
  media: (media) => ({ ...media, select: () => null }),
};

describe.concurrent('an event that comes again', () => {
  it.for<readonly [string, TestWorkerOptions, TerminalStatus]>([
    ['Q1 the same message twice, one after the other', {}, 'COMPLETED'],
    ['Q13 a dead letter of a FAILED asset moved back as it is', pessimist, 'FAILED'],
  ])('%s: changes nothing, and is acked', async ([, options, status], test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const { id, event } = await world.uploadAndHold();
    await stack.send(event);
    await stack.startWorker(options);
    const before = await stack.untilDone(id, status);
    await stack.untilEmpty();
    await stack.send(event);
    test.expect(await notSteady(stack, { id, status })).toEqual([]);
    test.expect(await stack.row(id)).toEqual(before);
    test.expect(await stack.eventsOf(id)).toHaveLength(1);
  });

  it('Q3 a message that was deleted is received again: no effect, and acked', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const sqs = await world.proxyOf('sqs');
    const { id, event } = await world.uploadAndHold();
    await stack.send(event);
    const worker = await stack.startWorker({ endpoints: { sqs: sqs.url } });
    await stack.untilDone(id, 'COMPLETED');
    await stack.untilEmpty();
    const before = await stack.row(id);
    const first = sqs.exchanges.find(({ answer }) => answer.includes(id));
    // The very answer that brought it, receipt and all.
    const receive = { status: 200, headers: jsonError('').headers, body: first?.answer ?? '' };
    const again = sqs.inject('ReceiveMessage', receive, 1);
    await again.untilMet(1);
    const settled = () => worker.log.messages.filter((line) => line === 'message settled');
    await vi.waitUntil(() => settled().length === 2, EVENTUALLY);
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect(await stack.row(id)).toEqual(before);
    test.expect(await stack.eventsOf(id)).toHaveLength(1);
  });
});

describe.concurrent('events in disorder', () => {
  it('Q20 its removal before its upload, and others of the same key after: one object, one ending', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const upload = await world.uploadAndHold();
    await stack.startWorker();
    const eTag = etagOf(PHOTO);
    const key = keyOf(upload);
    const inOrder = [
      anS3Record(key, { eventName: 'ObjectRemoved:Delete' }),
      anS3Record(key, { eTag }),
      // Of an object that was there before, and of one that never was.
      anS3Record(key, { eTag: etagOf(Uint8Array.of(1)) }),
      anS3Record(key, { eTag: etagOf(Uint8Array.of(2)) }),
    ];
    for (const record of inOrder) {
      await stack.send({ Records: [record] });
      await stack.untilEmpty();
    }
    test.expect(await notSteady(stack, { id: upload.id, status: 'COMPLETED' })).toEqual([]);
    test.expect(await stack.row(upload.id)).toMatchObject({ attempts: 1, fencingToken: 1 });
  });
});

describe.concurrent('an event that is late, or lost', () => {
  it('Q21 bytes and event after EXPIRED: completed all the same', async (test) => {
    const { stack } = await faultWorld(test);
    const init = await stack.init({
      fileName: 'a.jpg',
      contentType: 'image/jpeg',
      size: PHOTO.length,
    });
    // Past the expiry of its URL there is still the grace.
    test.expect(await sweepAhead(stack, 1.5 * HOUR_MS)).toEqual([]);
    test.expect(await sweepAhead(stack, 3 * HOUR_MS)).toMatchObject([isFinding('expired')]);
    test.expect((await stack.row(init.id)).status).toBe('EXPIRED');
    await stack.startWorker();
    await stack.put(init, PHOTO);
    const row = await stack.untilDone(init.id, 'COMPLETED');
    test.expect(row.history.map(({ step }) => step)).toEqual(['init', 'expire', 'claim', 'commit']);
    test.expect(await notSteady(stack, { id: init.id, status: 'COMPLETED' })).toEqual([]);
  });

  it('Q21 an event that comes after the sweeper has helped itself: changes nothing', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const { id, event: late } = await world.uploadAndHold();
    await sweepAhead(stack, 3 * HOUR_MS);
    await stack.startWorker();
    await stack.untilDone(id, 'COMPLETED');
    await stack.send(late);
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect((await stack.row(id)).attempts).toBe(1);
  });

  it('Q22 an event that never comes: the sweeper finds the bytes', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const { id } = await world.uploadAndHold();
    test.expect(await sweepAhead(stack, 1.5 * HOUR_MS)).toEqual([]);
    test.expect(await sweepAhead(stack, 3 * HOUR_MS)).toMatchObject([isFinding('command sent')]);
    await stack.startWorker();
    await stack.untilDone(id, 'COMPLETED');
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
  });
});

describe.concurrent('an event in another wrapping', () => {
  it('Q18 of EventBridge: buried once, with the reason, and its upload is completed by the sweeper', async (test) => {
    const world = await faultWorld(test);
    const { stack } = world;
    const upload = await world.uploadAndHold();
    const eventBridge = {
      version: '0',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      detail: { bucket: { name: 'media' }, object: { key: keyOf(upload), etag: etagOf(PHOTO) } },
    };
    await stack.startWorker();
    await stack.send(eventBridge);
    await stack.untilEmpty();
    const letters = await stack.takeDeadLetters();
    test.expect(letters.map(({ attributes }) => attributes['code'])).toEqual(['MALFORMED_MESSAGE']);
    test.expect(await stack.row(upload.id)).toMatchObject({ tenant: TENANT, status: 'PENDING' });
    await sweepAhead(stack, 3 * HOUR_MS);
    await stack.untilDone(upload.id, 'COMPLETED');
    test.expect(await notSteady(stack, { id: upload.id, status: 'COMPLETED' })).toEqual([]);
  });
});
