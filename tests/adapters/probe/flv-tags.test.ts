import { describe, expect, it } from 'vitest';
import { readFlvTags } from '#adapters/probe/flv-tags.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';

const signal = new AbortController().signal;

describe('readFlvTags', () => {
  it('counts the frames of a short file, and reads its header', async () => {
    const { declaredSeconds, firstSeconds, video } = await readFlvTags(
      mediaFile('h264.flv'),
      signal,
    );
    expect(firstSeconds).toBe(0);
    expect(declaredSeconds).toBeGreaterThan(0);
    expect(video).toMatchObject({ frameRateMode: 'constant' });
    const { frameCount = 0, frameRate = 1 } = video;
    expect(frameCount / frameRate).toBeCloseTo(declaredSeconds ?? 0, 0);
  });

  it('knows of no duration where the header has none', async () => {
    const bytes = mediaBytes('h264.flv');
    const at = Buffer.from(bytes).indexOf('duration');
    bytes.set(Buffer.from('duratioN'), at);
    expect((await readFlvTags(new FileSource(bytes), signal)).declaredSeconds).toBeNull();
  });

  it('counts nothing of a file that goes on behind what it looks at', async () => {
    const bytes = mediaBytes('h264.flv');
    const { video } = await readFlvTags(new FileSource(bytes.slice(0, -20)), signal);
    expect(video.frameCount).toBeDefined();
    const longer = new FileSource(Buffer.concat([bytes, new Uint8Array(600 * 1024)]));
    expect((await readFlvTags(longer, signal)).video.frameCount).toBeUndefined();
  });
});
