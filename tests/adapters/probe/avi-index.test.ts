import { describe, expect, it } from 'vitest';
import { readAviStreams } from '#adapters/probe/avi-index.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';

const signal = new AbortController().signal;

describe('readAviStreams', () => {
  it('counts the frames of the index, and not those that are empty', async () => {
    const [video] = await readAviStreams(mediaFile('mpeg4.avi'), signal);
    // 26 by its header, the second of which is none.
    expect(video).toMatchObject({ kind: 'video', frameCount: 25, frameRateMode: 'variable' });
  });

  it('counts nothing where the index is of a part of the file', async () => {
    const bytes = mediaBytes('mpeg4.avi');
    const longer = new Uint8Array(bytes.length + 4096);
    longer.set(bytes);
    expect((await readAviStreams(new FileSource(longer), signal))[0]).toEqual({ kind: 'video' });
  });

  it('counts nothing without an index, or of another file', async () => {
    const bytes = mediaBytes('mpeg4.avi');
    bytes.set(Buffer.from('JUNK'), Buffer.from(bytes).lastIndexOf('idx1'));
    expect((await readAviStreams(new FileSource(bytes), signal))[0]).toEqual({ kind: 'video' });
    expect(await readAviStreams(mediaFile('tone.wav'), signal)).toEqual([]);
  });
});
