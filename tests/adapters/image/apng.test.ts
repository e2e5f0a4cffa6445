import { describe, expect, it } from 'vitest';
import { countPngFrames } from '#adapters/image/apng.ts';
import { mediaBytes } from '../../support/file-source.ts';
import { concat, u32 } from '../../support/iso-file.ts';

const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

const chunk = (name: string, content: Uint8Array = new Uint8Array()): Uint8Array =>
  concat(u32(content.length), latin(name), content, u32(0));

const png = (...chunks: readonly Uint8Array[]) => concat(new Uint8Array(8), ...chunks);

describe('countPngFrames', () => {
  it('counts one of a still picture', () => {
    expect(countPngFrames(mediaBytes('alpha.png'))).toBe(1);
  });

  it('believes one that moves, where it says so before the picture', () => {
    const moves = chunk('acTL', u32(7, 0));
    expect(countPngFrames(png(chunk('IHDR', new Uint8Array(13)), moves, chunk('IDAT')))).toBe(7);
    expect(countPngFrames(png(chunk('IDAT'), moves))).toBe(1);
    expect(countPngFrames(png(chunk('acTL', u32(0, 0))))).toBe(1);
  });

  it('reads to the end of what is there, and no further', () => {
    expect(countPngFrames(png(u32(0xffff_ffff), latin('junk'), u32(0)))).toBe(1);
    expect(countPngFrames(png(u32(8), latin('acTL')))).toBe(1);
  });
});
