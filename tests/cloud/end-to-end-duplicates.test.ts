// Two workers, one queue, the same wish many times: one claim, one commit, one event id. A gate in front of the analysis
// holds the first job until every duplicate is out of the queue, so that they do meet.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Ports } from '#main/ports.ts';
import { aCommand, anS3Record, etagOf } from '../support/a-message.ts';
import { mediaBytes } from '../support/file-source.ts';
import { gatedMedia } from '../support/gated-media.ts';
import { overriding } from '../support/overriding.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { redisUnavailable, startRedis, suiteName, type TestRedis } from '../support/redis.ts';
import { keyOf, openStack, TENANT, type TestStack } from '../support/stack.ts';
import { isMoto } from './cloud-kit.ts';

const DUPLICATES = 10;

let stack: TestStack;
beforeAll(async () => {
  stack = await openStack();
});
afterEach(() => stack.stopWorkers());
afterAll(() => stack.close());

const photo = mediaBytes('portrait.jpg');

/** An upload, and ten more messages that ask for the same: commands of ours and events of S3's. */
async function uploadWithDuplicates() {
  const upload = await stack.upload('portrait.jpg', 'image/jpeg', photo);
  const command = aCommand({ tenant: TENANT, assetId: upload.id });
  const event = { Records: [anS3Record(keyOf(upload), { eTag: etagOf(photo) })] };
  const wishes = Array.from({ length: DUPLICATES }, (_, i) => (i % 2 === 0 ? command : event));
  await Promise.all(wishes.map((wish) => stack.send(wish)));
  return upload;
}

/** The shortest waits there are: duplicates that meet each other's lock come again after a second, not after many. */
const impatient = (ports: Ports): Ports => ({
  ...ports,
  ids: overriding(ports.ids, { random: () => 0 }),
});

const noneIsVisible = () =>
  vi.waitFor(async () => {
    const { visible } = await stack.depth();
    if (visible > 0) throw new Error(`${visible} duplicates have not been received yet`);
  }, EVENTUALLY);

describe.skipIf(redisUnavailable !== null)(
  suiteName('two workers with one Redis', redisUnavailable),
  () => {
    let redis: TestRedis;
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis?.stop());

    it('make one claim, one commit and one event of many messages', async () => {
      const gate = gatedMedia();
      const options = { redisUrl: redis.url, media: gate.through, ports: impatient };
      const workers = await Promise.all([stack.startWorker(options), stack.startWorker(options)]);
      // Who has no Redis yet goes on without a lock.
      await vi.waitUntil(
        () => workers.every(({ log }) => log.messages.includes('Redis is ready')),
        EVENTUALLY,
      );
      const { id } = await uploadWithDuplicates();
      await vi.waitUntil(() => gate.begun.length > 0, EVENTUALLY);
      await noneIsVisible();
      gate.open();

      await stack.untilDone(id, 'COMPLETED');
      await stack.untilEmpty();
      const row = await stack.row(id);
      expect(row.history.map(({ step }) => step)).toEqual(['init', 'claim', 'commit']);
      expect(row).toMatchObject({ attempts: 1, fencingToken: 1 });
      expect(gate.begun).toEqual([id]);
      const lines = workers.flatMap(({ log }) => log.messages);
      expect(lines.filter((line) => line === 'asset claimed')).toHaveLength(1);
      expect(lines.filter((line) => line === 'asset ended')).toHaveLength(1);
      // Both workers had some of the messages in hand.
      const settled = workers.map(({ log }) => log.messages.includes('message settled'));
      expect(settled).toEqual([true, true]);
      const ids = (await stack.eventsOf(id)).map(({ event }) => event.eventId);
      expect(new Set(ids)).toEqual(new Set([row.eventId]));
      expect(await stack.takeDeadLetters()).toEqual([]);
    }, 60_000);
  },
);

// moto checks a condition and writes in two steps: there, only the lock keeps two claims apart.
const unsafe = await isMoto();
const suite = `two workers without a Redis${unsafe ? ' (skipped: moto’s conditional writes are not atomic)' : ''}`;

describe.skipIf(unsafe)(suite, () => {
  it('are kept apart by the row alone', async () => {
    const { id } = await uploadWithDuplicates();
    const gate = gatedMedia();
    const workers = await Promise.all([
      stack.startWorker({ media: gate.through }),
      stack.startWorker({ media: gate.through }),
    ]);
    await vi.waitUntil(() => gate.begun.length > 0, EVENTUALLY);
    await noneIsVisible();
    gate.open();

    const row = await stack.until(id, 'COMPLETED');
    expect(row.history.map(({ step }) => step)).toEqual(['init', 'claim', 'commit']);
    expect(row).toMatchObject({ attempts: 1, fencingToken: 1 });
    expect(gate.begun).toEqual([id]);
    await Promise.all(workers.map((worker) => worker.stop()));
    const ids = (await stack.eventsOf(id)).map(({ event }) => event.eventId);
    expect(new Set(ids)).toEqual(new Set([row.eventId]));
  });
});
