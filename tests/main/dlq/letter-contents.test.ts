import { describe, expect, it } from 'vitest';
import { contentsOf } from '#main/dlq/letter-contents.ts';
import { aCommand, anS3Event, anS3Record } from '../../support/a-message.ts';
import { KEY } from '../../support/an-asset.ts';
import { aLetter } from './letters.ts';

const OTHER = { ...KEY, assetId: '018f0000-0000-7000-8000-00000000000b' };

const read = (body: unknown) =>
  contentsOf(aLetter({ body: typeof body === 'string' ? body : JSON.stringify(body) }));

describe('the contents of a letter', () => {
  it.each([
    ['an event of S3', anS3Event(KEY, OTHER), { assets: [KEY, OTHER], isAll: true }],
    ['a command', aCommand({ generation: 3 }), { assets: [KEY], isAll: true }],
    [
      'an event in an envelope',
      { Type: 'Notification', Message: JSON.stringify(anS3Event()) },
      { assets: [KEY], isAll: true },
    ],
    ['a test event', { Event: 's3:TestEvent' }, { assets: [], isAll: false }],
    ['a foreign key', { Records: [anS3Record('uploads/x.mp4')] }, { assets: [], isAll: false }],
  ])('are what the worker reads: %s', (_what, body, contents) => {
    expect(read(body)).toEqual({ ...contents, unreadable: null });
  });

  it('say what makes no sense, beside what does', () => {
    expect(read('hello')).toEqual({
      assets: [],
      isAll: false,
      unreadable: 'the body is not a JSON object',
    });
    expect(read({ Records: [null, anS3Record()] })).toEqual({
      assets: [KEY],
      isAll: false,
      unreadable: 'a record without an event name',
    });
  });
});
