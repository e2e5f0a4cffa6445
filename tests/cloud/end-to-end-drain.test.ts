// A worker that is asked to go finishes what it has begun, gives back the rest at once, and loses nothing.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { anS3Record, etagOf } from '../support/a-message.ts';
import { mediaBytes } from '../support/file-source.ts';
import { gatedMedia } from '../support/gated-media.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { type Initiated, keyOf, openStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await openStack();
});
afterEach(() => stack.stopWorkers());
afterAll(() => stack.close());

const photo = mediaBytes('portrait.jpg');
const upload = () => stack.upload('portrait.jpg', 'image/jpeg', photo);

const statuses = async (uploads: readonly Initiated[]) =>
  Promise.all(uploads.map(async ({ id }) => (await stack.row(id)).status));

/** Whoever comes next completes all of it, each asset with its one event, and long before a message hides no more by itself. */
async function expectAllCompleted(uploads: readonly Initiated[], attempts = 1): Promise<void> {
  await stack.startWorker();
  for (const { id } of uploads) await stack.untilDone(id, 'COMPLETED');
  await stack.stopWorkers();
  await stack.untilEmpty();
  for (const { id } of uploads) {
    expect((await stack.row(id)).attempts).toBe(attempts);
    expect(await stack.eventsOf(id)).toHaveLength(1);
  }
  expect(await stack.takeDeadLetters()).toEqual([]);
}

describe('a worker that drains', () => {
  it('finishes the jobs that run, and leaves the others in the queue for whoever comes next', async () => {
    const uploads = await Promise.all(Array.from({ length: 6 }, upload));
    const gate = gatedMedia();
    const worker = await stack.startWorker({ concurrency: 2, media: gate.through });
    await vi.waitUntil(() => gate.begun.length === 2, EVENTUALLY);
    const stopped = worker.stop();
    gate.open();
    await stopped;

    expect(gate.begun).toHaveLength(2);
    expect((await statuses(uploads)).toSorted()).toEqual([
      'COMPLETED',
      'COMPLETED',
      ...Array(4).fill('PENDING'),
    ]);
    await expectAllCompleted(uploads);
  });

  it('gives a message back whose other records have not begun', async () => {
    const uploads = await Promise.all([upload(), upload(), upload()]);
    // In place of three events, one of three records.
    await stack.takeMessages();
    const eTag = etagOf(photo);
    await stack.send({ Records: uploads.map((each) => anS3Record(keyOf(each), { eTag })) });
    const gate = gatedMedia();
    const worker = await stack.startWorker({ concurrency: 1, media: gate.through });
    await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);
    const stopped = worker.stop();
    gate.open();
    await stopped;
    expect((await statuses(uploads)).toSorted()).toEqual(['COMPLETED', 'PENDING', 'PENDING']);
    await expectAllCompleted(uploads);
  });

  it('takes nothing more, also what comes while it goes', async () => {
    const first = await upload();
    const gate = gatedMedia();
    const worker = await stack.startWorker({ media: gate.through });
    await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);
    const stopped = worker.stop();
    const second = await upload();
    gate.open();
    await stopped;
    expect(await statuses([first, second])).toEqual(['COMPLETED', 'PENDING']);
    await expectAllCompleted([first, second]);
  });

  it('gives back a job that does not end in time, attempt included, and another completes it', async () => {
    const { id } = await upload();
    const gate = gatedMedia();
    const worker = await stack.startWorker({ media: gate.through, drainMs: 200 });
    await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);
    await worker.stop();
    const row = await stack.row(id);
    expect(row).toMatchObject({
      status: 'PROCESSING',
      leaseUntil: 0,
      attempts: 0,
      fencingToken: 2,
    });
    expect(row.history.at(-1)).toMatchObject({ step: 'release', code: 'ABORTED' });
    await expectAllCompleted([{ id }] as Initiated[]);
  });
});
