// What reaches the queue and is no upload of ours: acked, or buried once with the reason; nothing stays in the queue.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceKey } from '#domain/keys.ts';
import type { QueueMessage } from '#ports/queue.ts';
import { aCommand, anS3Record, etagOf } from '../support/a-message.ts';
import { mediaBytes } from '../support/file-source.ts';
import { keyOf, openStack, TENANT, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await openStack();
  await stack.startWorker();
  // Some clouds announce themselves with a test event when a notification is set up.
  await stack.untilEmpty();
});
afterAll(() => stack.close());

const photo = mediaBytes('portrait.jpg');
const upload = () => stack.upload('portrait.jpg', 'image/jpeg', photo);

const putObject = (Key: string) =>
  stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.names.bucket, Key, Body: photo }));

/** A key as S3 writes it into an event. */
const encoded = (key: string): string =>
  encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');

describe('a message that makes no sense', () => {
  const MESSAGES: readonly (readonly [string, unknown, RegExp])[] = [
    ['is not JSON', 'hello', /not a JSON object/],
    ['is cut off', '{"Records":[{"s3"', /not a JSON object/],
    ['is null', 'null', /not a JSON object/],
    ['is a list', '[]', /not a JSON object/],
    ['is about nothing', '{}', /neither an S3 event nor a command/],
    ['has no records', { Records: [] }, /without records/],
    ['has a record of null', { Records: [null] }, /without an event name/],
    ['has a record without an object', { Records: [{ eventName: 'ObjectCreated:Put' }] }, /key/],
    ['has a key that cannot be decoded', { Records: [anS3Record('uploads/%ZZ')] }, /key/],
    ['is a command for nobody', { kind: 'process', generation: 1 }, /without tenant/],
    ['leaves the prefix by its id', aCommand({ assetId: '../../etc' }), /without tenant/],
    ['has a generation that is none', aCommand({ generation: 0 }), /without tenant/],
    ['is a closed envelope', { Type: 'Notification', Message: 'hello' }, /not a JSON object/],
  ];
  const bodyOf = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
  let letters: readonly QueueMessage[];
  beforeAll(async () => {
    await Promise.all(MESSAGES.map(([, body]) => stack.send(body)));
    await stack.untilEmpty();
    letters = await stack.takeDeadLetters();
  });

  it.each(MESSAGES)('is buried once, with the reason, when it %s', (_what, body, detail) => {
    const [letter, ...more] = letters.filter((each) => each.body === bodyOf(body));
    expect(more).toEqual([]);
    expect(letter?.attributes).toMatchObject({
      code: 'MALFORMED_MESSAGE',
      detail: expect.stringMatching(detail),
      sourceMessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('is all that is buried', () => {
    expect(letters).toHaveLength(MESSAGES.length);
  });
});

describe('a message that wants nothing', () => {
  it('is acked: test events, removals, and what nobody knows and is gone', async () => {
    await Promise.all(
      [
        { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'media' },
        { Records: [anS3Record(undefined, { eventName: 'ObjectRemoved:Delete' })] },
        aCommand(),
        { Records: [anS3Record()] },
        { Records: [anS3Record(encoded('uploads/a b+c/ü%41.mp4'))] },
      ].map((body) => stack.send(body)),
    );
    await stack.untilEmpty();
    expect(await stack.takeDeadLetters()).toEqual([]);
  });
});

describe('an object that nobody announced', () => {
  it('is told to somebody who looks at it, under its own name', async () => {
    const keys = [
      'uploads/holiday in Spain.mp4',
      'uploads/1+1=2.mp4',
      'uploads/Größe/日本語 👩‍👩‍👧.mp4',
      'uploads/100%25 & <more> (2)!~*\'".mp4',
      'uploads/default/not-an-id/source',
      'uploads/default/018f0000-0000-7000-8000-00000000000b/source/more',
    ];
    await Promise.all(keys.map(putObject));
    await stack.untilEmpty();
    const attributes = (await stack.takeDeadLetters()).map((letter) => letter.attributes);
    expect(attributes.map(({ code }) => code)).toEqual(Array(keys.length).fill('UNKNOWN_OBJECT'));
    expect(attributes.map(({ detail }) => detail).toSorted()).toEqual(
      keys.map((key) => `no asset has the key ${key}`).toSorted(),
    );
  });

  it('is told of where its key could be one of ours, and no row is', async () => {
    const key = 'uploads/default/018f0000-0000-7000-8000-00000000000c/source';
    await putObject(key);
    await stack.untilEmpty();
    const [letter, ...more] = await stack.takeDeadLetters();
    expect(letter?.attributes).toMatchObject({ code: 'UNKNOWN_OBJECT' });
    expect(letter?.body).toContain('018f0000-0000-7000-8000-00000000000c');
    expect(more).toEqual([]);
  });

  it('is nothing to us outside of uploads/', async () => {
    await putObject('derived/default/x/1/thumbnail.webp');
    await putObject('elsewhere/uploads/x/source');
    const { id } = await upload();
    await stack.untilDone(id, 'COMPLETED');
    await stack.untilEmpty();
    expect(await stack.takeDeadLetters()).toEqual([]);
  });
});

describe('a message of several records', () => {
  it('has every asset in it processed, and is buried once for the one that makes no sense', async () => {
    const uploads = await Promise.all([upload(), upload(), upload()]);
    const keys = uploads.map(keyOf);
    const records = [
      ...keys.map((key) => anS3Record(encoded(key), { eTag: etagOf(photo) })),
      anS3Record('uploads/%ZZ'),
      anS3Record(encoded('uploads/gone.mp4')),
    ];
    await stack.send({ Records: records });
    for (const { id } of uploads) await stack.untilDone(id, 'COMPLETED');
    await stack.untilEmpty();
    for (const { id } of uploads) {
      const row = await stack.row(id);
      expect([row.attempts, row.fencingToken]).toEqual([1, 1]);
      expect(await stack.eventsOf(id)).toHaveLength(1);
    }
    const [letter, ...more] = await stack.takeDeadLetters();
    expect(more).toEqual([]);
    expect(letter?.attributes['code']).toBe('MALFORMED_MESSAGE');
    expect(JSON.parse(letter?.body ?? '')).toEqual({ Records: records });
  });
});

describe('a message that says the same again', () => {
  it('changes nothing: S3’s event in an envelope of SNS, and our own command', async () => {
    const { id } = await upload();
    const before = await stack.untilDone(id, 'COMPLETED');
    const key = sourceKey({ tenant: TENANT, assetId: id });
    await stack.send({
      Type: 'Notification',
      Message: JSON.stringify({ Records: [anS3Record(key, { eTag: etagOf(photo) })] }),
    });
    await stack.send(aCommand({ tenant: TENANT, assetId: id }));
    await stack.send(aCommand({ tenant: TENANT, assetId: id, generation: 2 }));
    await stack.untilEmpty();
    expect(await stack.row(id)).toEqual(before);
    expect(await stack.eventsOf(id)).toHaveLength(1);
    expect(await stack.takeDeadLetters()).toEqual([]);
  });
});

describe('a command', () => {
  it('has an asset processed whose event got lost', async () => {
    const [first, second] = [await upload(), await upload()];
    await stack.send(aCommand({ tenant: TENANT, assetId: first.id }));
    await stack.send({
      Type: 'Notification',
      Message: JSON.stringify(aCommand({ tenant: TENANT, assetId: second.id })),
    });
    for (const { id } of [first, second]) {
      expect((await stack.untilDone(id, 'COMPLETED')).attempts).toBe(1);
    }
  });

  it('for an asset without bytes leaves it waiting for them', async () => {
    const init = await stack.init({ fileName: 'a', contentType: 'image/jpeg', size: photo.length });
    await stack.send(aCommand({ tenant: TENANT, assetId: init.id }));
    await stack.untilEmpty();
    expect((await stack.row(init.id)).status).toBe('PENDING');
    expect(await stack.put(init, photo)).toBe(200);
    await stack.untilDone(init.id, 'COMPLETED');
  });
});
