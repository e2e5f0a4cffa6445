import { describe, expect, it } from 'vitest';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { typeSnifferContract } from '../../contracts/type-sniffer.contract.ts';
import { mediaFile } from '../../support/file-source.ts';

typeSnifferContract('FileTypeSniffer', () => new FileTypeSniffer());

describe('FileTypeSniffer', () => {
  it('makes one small read', async () => {
    const source = mediaFile('h264.mpegts');
    await new FileTypeSniffer().sniff(source, new AbortController().signal);
    expect(source.reads).toEqual([[0, 4100]]);
  });
});
