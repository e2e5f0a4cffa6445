import { describe, expect, it } from 'vitest';
import { isDone } from '#streams/job.ts';
import { aMessage } from '../support/a-message.ts';
import { KEY } from '../support/an-asset.ts';

const part = { message: aMessage(), parts: 1 };

describe('a part of a message', () => {
  it('is done once its outcome is known', () => {
    expect(isDone({ ...part, ...{ outcome: { kind: 'done', why: 'test event' } } })).toBe(true);
  });

  it('is not done while it asks for something', () => {
    const command = { kind: 'process', ...KEY, generation: 1 };
    expect(isDone({ ...part, ...{ command } })).toBe(false);
    expect(isDone({ ...part, ...{ key: 'uploads/readme.txt' } })).toBe(false);
  });
});
