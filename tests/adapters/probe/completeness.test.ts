// Files that were cut off: engines report the duration they had when they were whole.
import { describe, expect, it } from 'vitest';
import { assertComplete } from '#adapters/probe/completeness.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';

const signal = new AbortController().signal;

const SAY_WHERE_THEY_END = [
  ['clip.mp4', 'mp4'],
  ['faststart.mp4', 'mp4'],
  ['fragmented.mp4', 'mp4'],
  ['h264.mov', 'mov'],
  ['clip.webm', 'webm'],
  ['h264.mkv', 'matroska'],
  ['tone.mp3', 'mp3'],
  ['tone.wav', 'wav'],
  ['mpeg4.avi', 'avi'],
  ['h264.flv', 'flv'],
  ['tone.opus', 'ogg'],
  ['theora.ogv', 'ogg'],
  ['tone.flac', 'flac'],
] as const;

const DONT = [
  ['h264.mpegts', 'mpegts'],
  ['tone.aac', 'adts'],
  ['vbr-no-header.mp3', 'mp3'],
] as const;

describe('assertComplete', () => {
  it.each([...SAY_WHERE_THEY_END, ...DONT])('takes a whole %s', async (name, container) => {
    await expect(assertComplete(mediaFile(name), container, signal)).resolves.toBeUndefined();
  });

  it.each(SAY_WHERE_THEY_END)('refuses a %s that was cut off', async (name, container) => {
    const whole = mediaBytes(name);
    for (const part of [0.3, 0.5, 0.77, 0.95]) {
      const source = new FileSource(whole.slice(0, whole.length * part));
      await expect(assertComplete(source, container, signal)).rejects.toMatchObject({
        code: 'CORRUPT_MEDIA',
        kind: 'permanent',
      });
    }
  });

  it.each(DONT)('cannot tell of a %s', async (name, container) => {
    const whole = mediaBytes(name);
    const source = new FileSource(whole.slice(0, whole.length / 2));
    await expect(assertComplete(source, container, signal)).resolves.toBeUndefined();
  });

  it('takes a WAV whose writer did not know how long it would be', async () => {
    const bytes = mediaBytes('tone.wav');
    new DataView(bytes.buffer).setUint32(Buffer.from(bytes).indexOf('data') + 4, 0xffff_ffff, true);
    await expect(assertComplete(new FileSource(bytes), 'wav', signal)).resolves.toBeUndefined();
  });

  it('takes a Matroska recording that was stopped', async () => {
    const bytes = mediaBytes('h264.mkv');
    const segment = Buffer.from(bytes).indexOf(Buffer.from('18538067', 'hex'));
    bytes.fill(0xff, segment + 5, segment + 12);
    const source = new FileSource(bytes.slice(0, bytes.length / 2));
    await expect(assertComplete(source, 'matroska', signal)).resolves.toBeUndefined();
  });
});
