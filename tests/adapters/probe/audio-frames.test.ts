import { describe, expect, it } from 'vitest';
import { adtsLength, mp3Length } from '#adapters/probe/audio-frames.ts';
import { viewOf } from '#adapters/probe/byte-view.ts';
import { mpegFrame } from '#adapters/probe/mpeg-audio-frame.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';
import { u32 } from '../../support/iso-file.ts';

const signal = new AbortController().signal;

/** An MP3 so long that nobody counts it: its quiet half over and over, and then the loud one. */
function longMp3(times: number): { bytes: Uint8Array; seconds: number } {
  const audio = mediaBytes('vbr-no-header.mp3');
  const view = viewOf(audio);
  // Its tags are shorter than 118 bytes, so one byte tells how long they are.
  let at = 10 + (audio[9] ?? 0);
  const frames: Uint8Array[] = [];
  for (let frame = mpegFrame(view, at); frame; frame = mpegFrame(view, at)) {
    frames.push(audio.subarray(at, at + frame.bytes));
    at += frame.bytes;
  }
  const half = frames.length / 2;
  const repeat = (part: readonly Uint8Array[]): Uint8Array[] => new Array(times).fill(part).flat();
  const quiet = repeat(repeat(frames.slice(0, half)).slice(0, half * 5));
  const all = [...quiet, ...repeat(frames.slice(half))];
  return { bytes: new Uint8Array(Buffer.concat(all)), seconds: (all.length * 1152) / 48_000 };
}

describe('mp3Length', () => {
  it('believes the header of a whole stream', async () => {
    expect(await mp3Length(mediaFile('tone.mp3'), signal)).toEqual({
      seconds: 6.024,
      source: 'container',
      bitRate: 64_000,
    });
  });

  it('counts a stream without a header', async () => {
    const length = await mp3Length(mediaFile('vbr-no-header.mp3'), signal);
    expect(length).toMatchObject({ seconds: expect.closeTo(6.024, 3), source: 'stream' });
  });

  it('finds the audio behind a cover', async () => {
    const length = await mp3Length(mediaFile('cover.mp3'), signal);
    expect(length).toMatchObject({ seconds: 6.024, source: 'container' });
  });

  it('estimates a long one from windows all over it, and says so', async () => {
    const { bytes, seconds } = longMp3(300);
    const source = new FileSource(bytes);
    const length = await mp3Length(source, signal);
    expect(length?.source).toBe('estimated');
    expect(Math.abs((length?.seconds ?? 0) / seconds - 1)).toBeLessThan(0.1);
    expect(source.cost.bytes).toBeLessThan(1024 * 1024);
    expect(source.cost.requests).toBeLessThanOrEqual(12);
  });

  it('does not count the tag at the end', async () => {
    const tag = new Uint8Array(128);
    tag.set(Buffer.from('TAG'));
    const audio = mediaBytes('vbr-no-header.mp3');
    const tagged = new FileSource(new Uint8Array(Buffer.concat([audio, tag])));
    const plain = await mp3Length(new FileSource(audio), signal);
    expect(await mp3Length(tagged, signal)).toEqual(plain);
  });

  it('does not count an APE tag, with or without one of ID3 behind it', async () => {
    const audio = mediaBytes('vbr-no-header.mp3');
    const whole = await mp3Length(new FileSource(audio), signal);
    const edge = (flags: number): Uint8Array => {
      const view = new DataView(new ArrayBuffer(32));
      for (const [i, letter] of [...'APETAGEX'].entries()) view.setUint8(i, letter.charCodeAt(0));
      view.setUint32(12, 500 + 32, true);
      view.setUint32(20, flags, true);
      return new Uint8Array(view.buffer);
    };
    const items = new Uint8Array(500);
    const id3 = new Uint8Array(128);
    id3.set(Buffer.from('TAG'));
    const bare = [audio, items, edge(0)];
    const full = [audio, edge(0xa000_0000), items, edge(0x8000_0000)];
    for (const parts of [bare, full, [...full, id3]]) {
      const source = new FileSource(new Uint8Array(Buffer.concat(parts)));
      expect(await mp3Length(source, signal)).toEqual(whole);
    }
  });

  it('finds nothing in noise', async () => {
    expect(await mp3Length(new FileSource(new Uint8Array(5000).fill(0xaa)), signal)).toBeNull();
  });
});

describe('adtsLength', () => {
  it('counts frames', async () => {
    const length = await adtsLength(mediaFile('tone.aac'), signal);
    expect(length).toMatchObject({ seconds: expect.closeTo(1.024, 6), source: 'stream' });
  });
});

describe('mpegFrame', () => {
  it.each([
    ['MPEG-1 layer III, 128 kbit/s, 44.1 kHz', 0xfffb9000, 417, 1152, 44_100],
    ['MPEG-1 layer III, 128 kbit/s, 44.1 kHz, padded', 0xfffb9200, 418, 1152, 44_100],
    ['MPEG-1 layer II, 192 kbit/s, 48 kHz', 0xfffda400, 576, 1152, 48_000],
    ['MPEG-1 layer I, 384 kbit/s, 48 kHz', 0xffffc400, 384, 384, 48_000],
    ['MPEG-2 layer III, 64 kbit/s, 22.05 kHz', 0xfff38000, 208, 576, 22_050],
    ['MPEG-2.5 layer III, 32 kbit/s, 8 kHz', 0xffe34800, 288, 576, 8_000],
  ])('reads %s', (_, header, bytes, samples, sampleRate) => {
    expect(mpegFrame(viewOf(u32(header)), 0)).toEqual({ bytes, samples, sampleRate });
  });

  it.each([0xfffbf000, 0xfffb9c00, 0xfff99000 & ~0x60000, 0x12345678, 0xffeb9000])(
    'sees none in 0x%s',
    (header) => {
      expect(mpegFrame(viewOf(u32(header >>> 0)), 0)).toBeNull();
    },
  );
});

describe('an MP3 of free format', () => {
  it('is none that is read here, and not a broken one', async () => {
    const free = new FileSource(
      new Uint8Array(2000).fill(0xff, 0, 1).fill(0xfb, 1, 2).fill(4, 2, 3),
    );
    await expect(mp3Length(free, signal)).rejects.toMatchObject({ code: 'UNSUPPORTED_CONTAINER' });
  });
});
