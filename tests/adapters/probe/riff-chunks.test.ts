import { describe, expect, it } from 'vitest';
import { chunks } from '#adapters/probe/riff-chunks.ts';

const chunk = (id: string, content: string, bytes = content.length): string => {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes);
  return `${id}${size.toString('latin1')}${content}${content.length % 2 ? '\0' : ''}`;
};

const viewed = (text: string): DataView =>
  new DataView(Uint8Array.from(Buffer.from(text, 'latin1')).buffer);

describe('chunks', () => {
  it('stand one behind the other, at even places, and lists are named by what is in them', () => {
    const view = viewed(chunk('odd ', 'abcde') + chunk('LIST', 'hdrl....') + chunk('even', '1234'));
    expect([...chunks(view, 0)]).toEqual([
      { id: 'odd ', start: 8, end: 13 },
      { id: 'LIST hdrl', start: 26, end: 30 },
      { id: 'even', start: 38, end: 42 },
    ]);
  });

  it('end where they are told to, or the view does, whatever the last one claims', () => {
    const view = viewed(chunk('one ', '1234') + chunk('two ', '1234', 0xffff_ffff));
    expect([...chunks(view, 0, 12)].map(({ id }) => id)).toEqual(['one ']);
    expect([...chunks(view, 0)].map(({ id }) => id)).toEqual(['one ', 'two ']);
  });
});
