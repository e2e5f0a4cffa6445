// Bytes that are to blame: FAILED with their code, one event, the message acked, no second attempt.
import { randomBytes } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '#domain/errors.ts';
import type { Ports } from '#main/ports.ts';
import { mediaBytes } from '../support/file-source.ts';
import { overriding } from '../support/overriding.ts';
import { type Initiated, keyOf, openStack, TENANT, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await openStack();
});
afterAll(() => stack.close());

/** Puts over what is there, as nobody with a presigned URL can. */
async function replace(upload: Initiated, bytes: Uint8Array): Promise<void> {
  const [Bucket, Key] = [stack.names.bucket, keyOf(upload)];
  await stack.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: bytes }));
}

async function remove(upload: Initiated): Promise<void> {
  const [Bucket, Key] = [stack.names.bucket, keyOf(upload)];
  await stack.clients.s3.send(new DeleteObjectCommand({ Bucket, Key }));
}

async function expectFailed(upload: Initiated, code: ErrorCode): Promise<void> {
  await stack.untilDone(upload.id, 'FAILED');
  await stack.stopWorkers();
  await stack.untilEmpty();
  const row = await stack.row(upload.id);
  expect(row).toMatchObject({ attempts: 1, failure: { code, stage: 'analyse', retryable: false } });
  expect(row.history.map(({ step }) => step)).toEqual(['init', 'claim', 'commit']);
  expect([row.event, row.dueAt, row.leaseUntil]).toEqual([undefined, undefined, undefined]);
  const { fileName, contentType, size, correlationId } = row;
  const view = await stack.view(upload.id);
  expect(view).toMatchObject({ status: 'FAILED', failure: { code, retryable: false } });
  expect(view).not.toHaveProperty('metadata');
  const [received, ...more] = await stack.eventsOf(upload.id);
  expect(more).toEqual([]);
  expect(received?.event).toStrictEqual({
    eventId: row.eventId,
    type: 'VideoFailedEvent',
    schemaVersion: 1,
    occurredAt: view.completedAt,
    tenant: TENANT,
    assetId: upload.id,
    generation: 1,
    status: 'FAILED',
    fileName,
    contentType,
    size,
    failure: view.failure,
    correlationId,
  });
  expect(received?.attributes).toMatchObject({ type: 'VideoFailedEvent', status: 'FAILED' });
  // It is the asset that failed, not the message.
  expect(await stack.takeDeadLetters()).toEqual([]);
}

describe('bytes that are to blame', () => {
  const FILES: readonly (readonly [string, string, Uint8Array, ErrorCode])[] = [
    [
      'text that was declared a video',
      'video/mp4',
      mediaBytes('text.mp4'),
      'UNSUPPORTED_CONTAINER',
    ],
    ['noise that was declared a video', 'video/webm', randomBytes(5000), 'UNSUPPORTED_CONTAINER'],
    ['an MP4 without its index', 'video/mp4', mediaBytes('no-index.mp4'), 'CORRUPT_MEDIA'],
    [
      'an MP4 that is cut off behind its index',
      'video/mp4',
      mediaBytes('truncated-faststart.mp4'),
      'CORRUPT_MEDIA',
    ],
    ['an image that is cut off', 'image/jpeg', mediaBytes('truncated.jpg'), 'CORRUPT_MEDIA'],
    ['an MP3 that was declared a video', 'video/mp4', mediaBytes('tone.mp3'), 'TYPE_MISMATCH'],
    ['a video that was declared an image', 'image/png', mediaBytes('clip.webm'), 'TYPE_MISMATCH'],
    ['a PNG that was declared a JPEG', 'image/jpeg', mediaBytes('alpha.png'), 'TYPE_MISMATCH'],
    ['audio alone in a video’s container', 'video/mp4', mediaBytes('tone.m4a'), 'NO_VIDEO_STREAM'],
    ['one byte', 'video/mp4', new Uint8Array([0]), 'UNSUPPORTED_CONTAINER'],
  ];
  const uploads = new Map<string, Initiated>();
  beforeAll(async () => {
    const send = async ([what, contentType, bytes]: (typeof FILES)[number]) =>
      uploads.set(what, await stack.upload(what, contentType, bytes));
    await Promise.all(FILES.map(send));
    await stack.startWorker();
    for (const { id } of uploads.values()) await stack.untilDone(id, 'FAILED');
  });

  it.each(FILES)('%s', async (what, _contentType, _bytes, code) => {
    const upload = uploads.get(what);
    if (!upload) throw new Error('it was not sent');
    await expectFailed(upload, code);
  });
});

describe('an object that is not what was announced', () => {
  afterEach(() => stack.stopWorkers());

  const photo = mediaBytes('portrait.jpg');
  const upload = () => stack.upload('portrait.jpg', 'image/jpeg', photo);

  it('is SOURCE_GONE where it is deleted before its event is handled', async () => {
    const init = await upload();
    await remove(init);
    await stack.startWorker();
    await expectFailed(init, 'SOURCE_GONE');
  });

  it('is SOURCE_CHANGED where it is replaced before its event is handled', async () => {
    const init = await upload();
    const [event] = await stack.takeMessages();
    await replace(init, photo.with(photo.length - 3, 1));
    // The event of the other object is not what this is about, and might come first.
    await stack.takeMessages();
    await stack.send(event?.body);
    await stack.startWorker();
    await expectFailed(init, 'SOURCE_CHANGED');
  });

  it('is SIZE_MISMATCH where it is another size than was declared', async () => {
    const init = await stack.init({ fileName: 'a', contentType: 'image/jpeg', size: 5 });
    await replace(init, photo);
    await stack.startWorker();
    await expectFailed(init, 'SIZE_MISMATCH');
  });

  it('is EMPTY_OBJECT where it has no bytes', async () => {
    const init = await stack.init({ fileName: 'a', contentType: 'image/jpeg', size: 5 });
    await replace(init, new Uint8Array());
    await stack.startWorker();
    await expectFailed(init, 'EMPTY_OBJECT');
  });

  /** Does something between the worker's HEAD and its first read: a claim has been made by then. */
  const beforeReading =
    (meddle: () => Promise<void>) =>
    (ports: Ports): Ports => ({
      ...ports,
      objects: overriding(ports.objects, {
        readRange: async (...args) => {
          await meddle();
          return ports.objects.readRange(...args);
        },
      }),
    });

  it('is SOURCE_GONE where it is deleted while it is read', async () => {
    const init = await upload();
    await stack.startWorker({ ports: beforeReading(() => remove(init)) });
    await expectFailed(init, 'SOURCE_GONE');
  });

  it('is SOURCE_CHANGED where it is replaced while it is read, and its own event changes nothing', async () => {
    const init = await upload();
    const other = photo.with(photo.length - 3, 1);
    await stack.startWorker({ ports: beforeReading(() => replace(init, other)) });
    // The event of the other object is handled, too, before the worker goes.
    await stack.untilEmpty();
    await expectFailed(init, 'SOURCE_CHANGED');
  });
});
