// Packets with a time in front, as Blu-ray has them; of real files corpus.test.ts and engine-probe.test.ts tell.
import { describe, expect, it } from 'vitest';
import { withoutStamps } from '#adapters/probe/stamped-packets.ts';
import { FileSource, mediaBytes } from '../../support/file-source.ts';
import { stamped } from '../../support/stamped.ts';

const { signal } = new AbortController();
const plain = mediaBytes('h264.mpegts');

describe('withoutStamps', () => {
  it('leaves the packets, one behind the other', async () => {
    const source = await withoutStamps(new FileSource(stamped(plain)), signal);
    expect(source.size).toBe(plain.length);
    expect(await source.read(0, plain.length, signal)).toEqual(plain);
  });

  it.each([
    ['in a packet', 190, 200],
    ['of one packet', 188, 376],
    ['over the edge of two', 370, 380],
    ['to behind the end', plain.length - 10, plain.length + 500],
    ['from before the begin', -5, 7],
  ])('reads bytes %s', async (_, start, end) => {
    const source = await withoutStamps(new FileSource(stamped(plain)), signal);
    const expected = plain.subarray(Math.max(0, start), end);
    expect(await source.read(start, end, signal)).toEqual(expected);
  });

  it('reads no more than the packets that the bytes are in', async () => {
    const raw = new FileSource(stamped(plain));
    const source = await withoutStamps(raw, signal);
    await source.read(188 * 20, 188 * 21, signal);
    expect(raw.reads.at(-1)).toEqual([192 * 20, 192 * 21]);
    expect(source.cost).toEqual(raw.cost);
  });

  it('leaves out a packet that is not whole', async () => {
    const cut = stamped(plain).subarray(0, -50);
    const source = await withoutStamps(new FileSource(cut), signal);
    expect(source.size).toBe(plain.length - 188);
  });

  it.each([
    ['without stamps', plain],
    ['without stamps, but with the byte in their place', odd(plain)],
    ['of something else', mediaBytes('clip.mp4')],
    ['that is too short to tell', stamped(plain).subarray(0, 150)],
    ['that is empty', new Uint8Array()],
  ])('is the source itself for a file %s', async (_, bytes) => {
    const source = new FileSource(bytes);
    expect(await withoutStamps(source, signal)).toBe(source);
  });
});

/** Every byte of the second grid is one that packets begin with. */
function odd(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let n = 0; n < 8; n += 1) if ((n * 192 + 4) % 188 !== 0) copy[n * 192 + 4] = 0x47;
  return copy;
}
