import { describe, expect, it } from 'vitest';
import { viewOf } from '#adapters/probe/byte-view.ts';
import { findSoundFrame } from '#adapters/probe/sound-frame.ts';
import { aacFrames } from '../../support/transport-stream.ts';

/** So many frames with the same header, of so many bytes each. */
function frames(header: string, bytes: number, count = 2): Uint8Array {
  const frame = Buffer.alloc(bytes);
  frame.write(header, 'hex');
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

function first(bytes: Uint8Array) {
  const found = findSoundFrame(viewOf(bytes));
  return found && { at: found.at, ...found.parse(viewOf(bytes), found.at) };
}

describe('findSoundFrame', () => {
  it.each([
    ['AC-3, 192 kbit/s at 48 kHz', frames('0b77000014', 768), 768, 1536, 48_000],
    ['AC-3, 192 kbit/s at 44.1 kHz, padded', frames('0b77000055', 836), 836, 1536, 44_100],
    ['E-AC-3, six blocks', frames('0b7701ff3f80', 1024), 1024, 1536, 48_000],
    ['E-AC-3, one block', frames('0b7700ff0f80', 512), 512, 256, 48_000],
    ['E-AC-3, further channels', frames('0b7741ff3f80', 1024), 1024, 0, 48_000],
    ['AAC', aacFrames(2), 100, 1024, 48_000],
    ['MPEG audio, layer II', frames('fffd8400', 384), 384, 1152, 48_000],
  ])('knows %s', (_, bytes, length, samples, sampleRate) => {
    expect(first(bytes)).toEqual({ at: 0, bytes: length, samples, sampleRate });
  });

  it('finds the first frame of a piece that begins in the middle of one', () => {
    const bytes = Buffer.concat([Buffer.alloc(33, 0xff), aacFrames(3)]);
    expect(first(bytes)?.at).toBe(33);
  });

  it('knows the last frame, which may be cut off', () => {
    expect(first(aacFrames(1).subarray(0, 40))?.at).toBe(0);
  });

  it.each([
    ['text', Buffer.from('subtitles, and nothing else, go here')],
    ['a reserved rate', frames('0b770000d4', 768)],
    ['nothing', new Uint8Array()],
  ])('finds none in %s', (_, bytes) => {
    expect(findSoundFrame(viewOf(bytes))).toBeNull();
  });
});
