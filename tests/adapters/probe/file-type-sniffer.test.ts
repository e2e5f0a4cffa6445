import { describe, expect, it } from 'vitest';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { typeSnifferContract } from '../../contracts/type-sniffer.contract.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';

typeSnifferContract('FileTypeSniffer', () => new FileTypeSniffer());

describe('FileTypeSniffer', () => {
  it('makes one small read', async () => {
    const source = mediaFile('h264.mpegts');
    await new FileTypeSniffer().sniff(source, new AbortController().signal);
    expect(source.reads).toEqual([[0, 4100]]);
  });

  it('knows a WAV with sizes of 64 bits', async () => {
    const bytes = mediaBytes('tone.wav');
    bytes.set(Buffer.from('RF64'));
    const signal = new AbortController().signal;
    expect(await new FileTypeSniffer().sniff(new FileSource(bytes), signal)).toBe('wav');
    bytes.set(Buffer.from('AVI '), 8);
    expect(await new FileTypeSniffer().sniff(new FileSource(bytes), signal)).toBeNull();
  });
});
