import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceKey } from '#domain/keys.ts';
import { decode } from '#streams/decode.ts';
import { aCommand, aMessage, anS3Event, anS3Record } from '../support/a-message.ts';
import { KEY } from '../support/an-asset.ts';

const OTHER = { tenant: 'other', assetId: '018f0000-0000-7000-8000-00000000000b' };
const WISH = { kind: 'process', ...KEY, generation: 1, etag: '"etag-1"' };

/** What a message is decoded to, without what is the same in every part. */
const contentsOf = (body: unknown): unknown[] =>
  decode(aMessage(body)).map(({ message: _, parts: __, ...content }) => content);

const dead = (detail: string) => [{ outcome: { kind: 'dead', code: 'MALFORMED_MESSAGE', detail } }];
const done = (why: string) => [{ outcome: { kind: 'done', why } }];

describe('S3’s event', () => {
  it('is a wish to have the asset’s first generation processed', () => {
    expect(contentsOf(anS3Event())).toStrictEqual([{ command: WISH }]);
  });

  it('is as many parts as it has records, each of which knows how many', () => {
    const message = aMessage({ Records: [...anS3Event(KEY, OTHER).Records, anS3Record('x')] });
    const parts = decode(message);
    expect(parts.map((part) => [part.message, part.parts])).toEqual([
      [message, 3],
      [message, 3],
      [message, 3],
    ]);
    expect(parts).toEqual([
      expect.objectContaining({ command: WISH }),
      expect.objectContaining({ command: { ...WISH, ...OTHER } }),
      expect.objectContaining({ key: 'x' }),
    ]);
  });

  it('is one part for an asset that it names twice: two would wait for one lock', () => {
    const parts = decode(aMessage(anS3Event(KEY, OTHER, KEY)));
    expect(parts).toHaveLength(2);
    expect(parts).toEqual([
      expect.objectContaining({ command: WISH, parts: 2 }),
      expect.objectContaining({ command: { ...WISH, ...OTHER }, parts: 2 }),
    ]);
  });

  it.each(['Put', 'Post', 'Copy', 'CompleteMultipartUpload'])(
    'counts where an object was created by %s, with the prefix or without',
    (how) => {
      for (const eventName of [`ObjectCreated:${how}`, `s3:ObjectCreated:${how}`]) {
        const Records = [anS3Record(sourceKey(KEY), { eventName })];
        expect(contentsOf({ Records })).toStrictEqual([{ command: WISH }]);
      }
    },
  );

  it.each(['ObjectRemoved:Delete', 's3:ObjectRestore:Completed', 'xObjectCreated:Put', ''])(
    'is done where it tells of %j',
    (eventName) => {
      const Records = [anS3Record(sourceKey(KEY), { eventName })];
      expect(contentsOf({ Records })).toEqual(done('event of another kind'));
    },
  );

  it.each([
    ['the key of an asset, encoded', encodeURIComponent(sourceKey(KEY)), { command: WISH }],
    ['+ for a space', 'uploads/my+file.mp4', { key: 'uploads/my file.mp4' }],
    ['%2B for a plus', 'uploads/1%2B1.mp4', { key: 'uploads/1+1.mp4' }],
    ['letters beyond ASCII', 'uploads/%C3%BC+%F0%9F%8E%AC', { key: 'uploads/ü 🎬' }],
    ['what was encoded twice, once', 'uploads/a%2520b', { key: 'uploads/a%20b' }],
    [
      'a key of ours with a leaf of somebody’s',
      `uploads/acme/${KEY.assetId}/evil`,
      {
        key: `uploads/acme/${KEY.assetId}/evil`,
      },
    ],
    [
      'an id in capitals',
      sourceKey(KEY).replace('018f', '018F'),
      {
        key: sourceKey(KEY).replace('018f', '018F'),
      },
    ],
  ])('decodes %s', (_, key, content) => {
    expect(contentsOf({ Records: [anS3Record(key)] })).toStrictEqual([content]);
  });

  it.each([
    ['%ZZ', anS3Record('uploads/%ZZ')],
    ['half an escape', anS3Record('uploads/%E0%A4%A')],
    ['an empty key', anS3Record('')],
    ['a key that is no text', { ...anS3Record(), s3: { object: { key: 1 } } }],
    ['no object', { ...anS3Record(), s3: {} }],
    ['no s3', { eventName: 'ObjectCreated:Put' }],
    ['s3 null', { eventName: 'ObjectCreated:Put', s3: null }],
  ])('is dead where the key cannot be read: %s', (_, record) => {
    expect(contentsOf({ Records: [record] })).toEqual(
      dead('a record without a readable object key'),
    );
  });

  it.each([null, 1, 'x', [], {}, { eventName: 1 }])('is dead where a record is %j', (record) => {
    expect(contentsOf({ Records: [record] })).toEqual(dead('a record without an event name'));
  });

  it('is dead without records', () => {
    expect(contentsOf({ Records: [] })).toEqual(dead('an S3 event without records'));
  });

  it('keeps the good records beside a bad one', () => {
    const contents = contentsOf({ Records: [anS3Record('%ZZ'), ...anS3Event().Records] });
    expect(contents).toEqual([
      ...dead('a record without a readable object key'),
      { command: WISH },
    ]);
  });

  it.each([
    ['quoted, as HEAD spells it, where it is not', 'abc', '"abc"'],
    ['quoted once where it is quoted', '"abc"', '"abc"'],
    ['of a multipart upload', 'abc-3', '"abc-3"'],
  ])('has an ETag %s', (_, eTag, etag) => {
    const Records = [anS3Record(sourceKey(KEY), { eTag })];
    expect(contentsOf({ Records })).toStrictEqual([{ command: { ...WISH, etag } }]);
  });

  it.each(['', 1, null, undefined])('has none where it says %j', (eTag) => {
    const Records = [{ ...anS3Record(), s3: { object: { key: sourceKey(KEY), eTag } } }];
    const { etag: _, ...wish } = WISH;
    expect(contentsOf({ Records })).toStrictEqual([{ command: wish }]);
  });

  it('is done where S3 only tries whether it may send', () => {
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'media' };
    expect(contentsOf(test)).toEqual(done('test event'));
  });
});

describe('an SNS envelope', () => {
  const inEnvelope = (Message: unknown) => ({ Type: 'Notification', MessageId: 'n1', Message });

  it('is opened', () => {
    const envelope = inEnvelope(JSON.stringify(anS3Event()));
    expect(contentsOf(envelope)).toStrictEqual([{ command: WISH }]);
    expect(contentsOf(inEnvelope(JSON.stringify(envelope)))).toStrictEqual([{ command: WISH }]);
  });

  it('is dead where there is no JSON in it', () => {
    expect(contentsOf(inEnvelope('hello'))).toEqual(dead('the body is not a JSON object'));
  });

  it('is none without a text in it', () => {
    expect(contentsOf(inEnvelope({ a: 1 }))).toEqual(dead('neither an S3 event nor a command'));
    const confirmation = { Type: 'SubscriptionConfirmation', Message: 'You have chosen' };
    expect(contentsOf(confirmation)).toEqual(dead('neither an S3 event nor a command'));
  });
});

describe('a command of ours', () => {
  it('means the generation it names, and knows no ETag', () => {
    const command = aCommand({ generation: 3, etag: 'smuggled', extra: 1 });
    expect(contentsOf(command)).toStrictEqual([
      { command: { kind: 'process', ...KEY, generation: 3 } },
    ]);
  });

  it.each([
    ['no tenant', { tenant: undefined }],
    ['a tenant in capitals', { tenant: 'Acme' }],
    ['a tenant that leads away', { tenant: '../other' }],
    ['no asset id', { assetId: undefined }],
    ['an asset id that is none', { assetId: 'x' }],
    ['no generation', { generation: undefined }],
    ['generation 0', { generation: 0 }],
    ['half a generation', { generation: 1.5 }],
    ['a generation as text', { generation: '1' }],
    ['a generation beyond numbers', { generation: 1e300 }],
  ])('is dead with %s', (_, overrides) => {
    const detail = 'a command without tenant, asset id or generation';
    expect(contentsOf(aCommand(overrides))).toEqual(dead(detail));
  });
});

describe('a message', () => {
  it.each(['', 'hello', '{', 'null', '[]', '1', '"text"', 'true', '[{"Records":[]}]'])(
    'is dead where its body is %j',
    (body) => {
      expect(contentsOf(body)).toEqual(dead('the body is not a JSON object'));
    },
  );

  it.each([{}, { Records: null }, { Records: {} }, { kind: 'other' }, { Event: 'x' }])(
    'is dead where it says %j',
    (body) => {
      expect(contentsOf(body)).toEqual(dead('neither an S3 event nor a command'));
    },
  );

  it('has at least one part, whatever it says, and every part knows how many', () => {
    const records = fc.array(
      fc.oneof(
        fc.jsonValue(),
        fc.string().map((key) => anS3Record(key)),
      ),
    );
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      records.map((Records) => JSON.stringify({ Records })),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const message = aMessage(body);
        const parts = decode(message);
        expect(parts.length).toBeGreaterThan(0);
        for (const part of parts) expect(part).toMatchObject({ message, parts: parts.length });
      }),
    );
  });
});
