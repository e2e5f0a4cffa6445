import { describe, expect, it } from 'vitest';
import { readWavLayout } from '#adapters/probe/wav-layout.ts';
import { FileSource, mediaFile } from '../../support/file-source.ts';
import { concat } from '../../support/iso-file.ts';

const signal = new AbortController().signal;

function wav(tag: number, mask: number, before = new Uint8Array()): FileSource {
  const format = new DataView(new ArrayBuffer(48));
  for (const [i, letter] of [...'fmt '].entries()) format.setUint8(i, letter.charCodeAt(0));
  format.setUint32(4, 40, true);
  format.setUint16(8, tag, true);
  format.setUint32(28, mask, true);
  const head = Buffer.from('RIFF\0\0\0\0WAVE', 'latin1');
  return new FileSource(concat(head, before, new Uint8Array(format.buffer)));
}

describe('readWavLayout', () => {
  it('reads which speakers the channels are for, behind other chunks', async () => {
    expect(await readWavLayout(wav(0xfffe, 0x3f), signal)).toBe('5.1');
    const junk = Buffer.from('JUNK\x03\0\0\0abc\0', 'latin1');
    expect(await readWavLayout(wav(0xfffe, 0x60f, junk), signal)).toBe('5.1');
  });

  it('knows nothing of a plain one', async () => {
    expect(await readWavLayout(wav(1, 0x3f), signal)).toBeNull();
    expect(await readWavLayout(mediaFile('tone.wav'), signal)).toBeNull();
    expect(await readWavLayout(new FileSource(new Uint8Array(20)), signal)).toBeNull();
  });
});
