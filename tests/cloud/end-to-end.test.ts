// The whole path, as it is deployed: init → presigned PUT → S3's event → SQS → worker → DynamoDB → SNS → a subscriber.
import { createHash, randomBytes } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AssetView } from '#api/asset-view.ts';
import { cloud } from '../support/cloud.ts';
import { mediaBytes } from '../support/file-source.ts';
import { type Initiated, keyOf, openStack, TENANT, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await openStack({ derives: true });
  await stack.startWorker();
});
afterAll(() => stack.close());

const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What the samples are, by ffprobe and by how they were made. */
const SAMPLES = [
  {
    file: 'clip.mp4',
    contentType: 'video/mp4',
    metadata: {
      kind: 'video',
      container: 'mp4',
      durationSeconds: 4,
      videoTracks: [{ codec: 'h264', width: 480, height: 270, frameRate: 30 }],
      audioTracks: [{ codec: 'aac', channels: 2, sampleRate: 48_000, language: 'deu' }],
      tags: { title: 'Index at the end' },
    },
    summary: { kind: 'video', container: 'mp4', durationSeconds: 4, width: 480, height: 270 },
  },
  {
    file: 'clip.webm',
    contentType: 'video/webm',
    metadata: {
      kind: 'video',
      container: 'webm',
      durationSeconds: 4.008,
      videoTracks: [{ codec: 'vp9', width: 480, height: 270, frameRate: 25 }],
      audioTracks: [{ codec: 'opus', channels: 1, sampleRate: 48_000 }],
    },
    summary: { kind: 'video', container: 'webm', durationSeconds: 4.008, width: 480, height: 270 },
  },
  {
    file: 'tone.mp3',
    contentType: 'audio/mpeg',
    metadata: {
      kind: 'audio',
      container: 'mp3',
      durationSeconds: 6.024,
      videoTracks: [],
      audioTracks: [{ codec: 'mp3', channels: 1, sampleRate: 48_000, bitRate: 64_000 }],
      tags: { title: 'Six seconds of C', artist: 'The Oscillators', album: 'Test Tones' },
    },
    summary: { kind: 'audio', container: 'mp3', durationSeconds: 6.024, width: null, height: null },
  },
  {
    file: 'portrait.jpg',
    contentType: 'image/jpeg',
    metadata: {
      kind: 'image',
      container: 'jpeg',
      image: { width: 640, height: 480, displayWidth: 480, displayHeight: 640, orientation: 6 },
    },
    summary: { kind: 'image', container: 'jpeg', durationSeconds: null, width: 480, height: 640 },
  },
] as const;

type Sample = (typeof SAMPLES)[number];

describe('a file', () => {
  const uploads = new Map<string, Initiated>();
  beforeAll(async () => {
    const send = async ({ file, contentType }: Sample) =>
      uploads.set(file, await stack.upload(file, contentType, mediaBytes(file)));
    await Promise.all(SAMPLES.map(send));
    for (const { id } of uploads.values()) await stack.untilDone(id, 'COMPLETED');
    await stack.untilEmpty();
  });

  it.each(SAMPLES)('$file is what it is, and one event says so', async (sample) => {
    const init = uploads.get(sample.file);
    if (!init) throw new Error('it was not sent');
    expect(init).toMatchObject({ status: 'PENDING', upload: { kind: 'single', method: 'PUT' } });
    const { size } = await stack.view(init.id);
    expect(size).toBe(mediaBytes(sample.file).length);

    const row = await stack.row(init.id);
    expect(row).toMatchObject({ attempts: 1, fencingToken: 1, generation: 1 });
    // init, claim, commit and clear; a machine that is busy renews, too.
    expect(row.rev).toBeGreaterThanOrEqual(4);
    expect(row.history.map(({ step }) => step)).toEqual(['init', 'claim', 'commit']);
    // Nothing is left to be done: the outbox is empty, and the index of unfinished things does not hold it.
    expect([row.event, row.dueAt, row.leaseUntil]).toEqual([undefined, undefined, undefined]);

    expectView(await stack.view(init.id), init, sample, size);
    const [received, ...more] = await stack.eventsOf(init.id);
    expect(more).toEqual([]);
    expect(received?.event).toStrictEqual({
      eventId: row.eventId,
      type: 'VideoProcessedEvent',
      schemaVersion: 1,
      occurredAt: expect.stringMatching(ISO_UTC),
      tenant: TENANT,
      assetId: init.id,
      generation: 1,
      status: 'COMPLETED',
      fileName: sample.file,
      contentType: sample.contentType,
      size,
      summary: sample.summary,
      correlationId: init.correlationId,
    });
    expect(received?.attributes).toStrictEqual({
      type: 'VideoProcessedEvent',
      tenant: TENANT,
      status: 'COMPLETED',
      contentType: sample.contentType,
      correlationId: init.correlationId,
      eventId: row.eventId,
    });
    expect(await stack.takeDeadLetters()).toEqual([]);
  });

  function expectView(view: AssetView, init: Initiated, sample: Sample, size: number | null) {
    const { file: fileName, contentType, metadata } = sample;
    expect(view).toMatchObject({
      id: init.id,
      status: 'COMPLETED',
      fileName,
      contentType,
      size,
      metadata: { ...metadata, mimeType: contentType, size },
      probe: { engine: expect.any(String), bytesRead: expect.any(Number) },
      correlationId: init.correlationId,
      links: { self: `/api/videos/${init.id}` },
    });
    expect([view.createdAt, view.updatedAt, view.completedAt]).toEqual(
      Array(3).fill(expect.stringMatching(ISO_UTC)),
    );
    expect(view).not.toHaveProperty('failure');
  }

  it('keeps its name, whatever it is, its checksum and the correlation id of its request', async () => {
    const bytes = mediaBytes('portrait.jpg');
    const fileName = 'Größe 1+1=2 & <b>“ñ”</b> %2F 👩‍👩‍👧.jpg';
    const checksumSha256 = createHash('sha256').update(bytes).digest('base64');
    const metadata = { album: { year: 2024, tags: ['a', null, true] } };
    const request = { contentType: 'image/jpg', size: bytes.length, checksumSha256, metadata };
    const init = await stack.init(
      { fileName, ...request },
      {
        'x-correlation-id': 'order-4711',
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      },
    );
    expect(init).toMatchObject({ correlationId: 'order-4711', traceId: 'a'.repeat(32) });
    expect(await stack.put(init, bytes)).toBe(200);
    await stack.untilDone(init.id, 'COMPLETED');
    const view = await stack.view(init.id);
    expect(view).toMatchObject({ fileName, contentType: 'image/jpeg', clientMetadata: metadata });
    expect(view.correlationId).toBe('order-4711');
    const [received] = await stack.eventsOf(init.id);
    expect(received?.event).toMatchObject({ fileName, correlationId: 'order-4711' });
    expect(received?.attributes).toMatchObject({ correlationId: 'order-4711' });
  });

  it('is no hindrance to another: many at once all end, each with one event', async () => {
    const files = Array.from({ length: 12 }, (_, i) => SAMPLES[i % SAMPLES.length] ?? SAMPLES[0]);
    const inits = await Promise.all(
      files.map(({ file, contentType }) => stack.upload(file, contentType, mediaBytes(file))),
    );
    for (const { id } of inits) await stack.untilDone(id, 'COMPLETED');
    await stack.untilEmpty();
    for (const [i, { id }] of inits.entries()) {
      const [received, ...more] = await stack.eventsOf(id);
      expect(received?.event.summary).toEqual(files[i]?.summary);
      expect(more).toEqual([]);
    }
    expect(await stack.takeDeadLetters()).toEqual([]);
  });
});

describe('a presigned PUT', () => {
  const bytes = randomBytes(1000);
  const init = () => stack.init({ fileName: 'a.mp4', contentType: 'video/mp4', size: 1000 });

  it('does not overwrite', async () => {
    const photo = mediaBytes('portrait.jpg');
    const first = await stack.upload('portrait.jpg', 'image/jpeg', photo);
    expect(await stack.put(first, photo)).toBe(412);
    const row = await stack.untilDone(first.id, 'COMPLETED');
    expect(row.attempts).toBe(1);
  });

  const { checksSignatures } = cloud().traits;
  const unless = checksSignatures
    ? ''
    : ' (skipped: this cloud checks neither signatures nor checksums)';

  it.skipIf(!checksSignatures)(
    `is refused with another type or length, or without its headers${unless}`,
    async () => {
      const to = await init();
      const { headers } = to.upload;
      expect(headers).toEqual({ 'content-type': 'video/mp4', 'if-none-match': '*' });
      expect(await stack.put(to, bytes, { ...headers, 'content-type': 'text/html' })).toBe(403);
      expect(await stack.put(to, bytes, { 'content-type': 'video/mp4' })).toBe(403);
      expect(await stack.put(to, bytes.subarray(1), headers)).toBe(403);
      expect(await stack.put(to, randomBytes(1001), headers)).toBe(403);
      const elsewhere = to.upload.url.replace(keyOf(to), keyOf({ id: 'x' }));
      expect(await stack.put({ ...to, upload: { ...to.upload, url: elsewhere } }, bytes)).toBe(403);
      expect((await stack.row(to.id)).status).toBe('PENDING');
    },
  );

  it.skipIf(!checksSignatures)(
    `is refused where the bytes are not those of the checksum${unless}`,
    async () => {
      const checksumSha256 = createHash('sha256').update(bytes).digest('base64');
      const request = { fileName: 'a.mp4', contentType: 'video/mp4', size: 1000, checksumSha256 };
      const to = await stack.init(request);
      expect(to.upload.headers).toMatchObject({ 'x-amz-checksum-sha256': checksumSha256 });
      expect(await stack.put(to, randomBytes(1000))).toBe(400);
      expect((await stack.row(to.id)).status).toBe('PENDING');
    },
  );
});

describe('a request for an upload', () => {
  it.each([
    ['of an unknown type', { contentType: 'application/zip' }, 'UNKNOWN_MEDIA_TYPE'],
    ['of no bytes', { size: 0 }, 'SIZE_OUT_OF_RANGE'],
    ['of too many bytes', { size: 5 * 1024 ** 3 + 1 }, 'SIZE_OUT_OF_RANGE'],
    ['with an over-long name', { fileName: 'a'.repeat(256) }, 'INVALID_FILE_NAME'],
    ['with a control character in its name', { fileName: 'a\u0000b.mp4' }, 'INVALID_FILE_NAME'],
  ])('%s is refused, and leaves no row', async (_what, wrong, code) => {
    const before = await countRows();
    const right = { fileName: 'a.mp4', contentType: 'video/mp4', size: 1 };
    const answer = await stack.request('/api/videos/init', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...right, ...wrong }),
    });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 422, code });
    expect(answer.status).toBe(422);
    expect(await countRows()).toBe(before);
  });

  async function countRows(): Promise<number | undefined> {
    const scan = new ScanCommand({ TableName: stack.names.table, Select: 'COUNT' });
    return (await stack.clients.dynamodb.send(scan)).Count;
  }
});
