import { describe, expect, it } from 'vitest';
import { readFlvTail } from '#adapters/probe/flv-tail.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';

const signal = new AbortController().signal;

describe('readFlvTail', () => {
  it('tells when the last tag begins, at the cost of its ends', async () => {
    const source = mediaFile('h264.flv');
    expect(await readFlvTail(source, signal)).toBe(0.96);
    expect(source.cost.bytes).toBe(13 + 4 + 11);
  });

  it('tells times of over four hours', async () => {
    const bytes = mediaBytes('h264.flv');
    const view = new DataView(bytes.buffer);
    const last = bytes.length - 4 - view.getUint32(bytes.length - 4);
    bytes[last + 7] = 0xff;
    const seconds = await readFlvTail(new FileSource(bytes), signal);
    expect(seconds).toBe((0xff00_0000 + 960) / 1000);
  });

  it.each([0, 7, 10, 0xff])('takes no tag of type %i for one', async (type) => {
    const bytes = mediaBytes('h264.flv');
    const view = new DataView(bytes.buffer);
    bytes[bytes.length - 4 - view.getUint32(bytes.length - 4)] = type;
    await expect(readFlvTail(new FileSource(bytes), signal)).rejects.toMatchObject({
      code: 'CORRUPT_MEDIA',
    });
  });

  it('finds each cut that is not between two tags', async () => {
    const whole = mediaBytes('h264.flv');
    const between = ends(whole);
    for (let length = 20; length < whole.length; length += 7) {
      const source = new FileSource(whole.slice(0, length));
      const found = await readFlvTail(source, signal).catch(
        (error: { code: string }) => error.code,
      );
      expect([length, found === 'CORRUPT_MEDIA']).toEqual([length, !between.has(length)]);
    }
  });

  it.each([new Uint8Array(), new Uint8Array(12), mediaBytes('text.mp4')])(
    'has nothing to say of what is no FLV',
    async (bytes) => {
      expect(await readFlvTail(new FileSource(bytes), signal)).toBeNull();
    },
  );
});

/** Where tags end, with the size that follows each. */
function ends(flv: Uint8Array): ReadonlySet<number> {
  const view = new DataView(flv.buffer);
  const found = new Set<number>();
  for (let at = 13; at < flv.length; ) {
    at += 11 + (view.getUint32(at) & 0xff_ffff) + 4;
    found.add(at);
  }
  return found;
}
