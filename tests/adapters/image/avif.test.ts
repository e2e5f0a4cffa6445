import { describe, expect, it } from 'vitest';
import { asStill, avifSpace, countAvifFrames } from '#adapters/image/avif.ts';
import { mediaBytes } from '../../support/file-source.ts';

const moving = (): Buffer => Buffer.from(mediaBytes('moving.avif'));
const still = (): Buffer => Buffer.from(mediaBytes('picture.avif'));

/** The same with other colours, by the numbers of ITU-T H.273. */
function coloured(primaries: number, transfer: number): Buffer {
  const bytes = moving();
  const at = bytes.indexOf('nclx') + 4;
  bytes.writeUInt16BE(primaries, at);
  bytes.writeUInt16BE(transfer, at + 2);
  return bytes;
}

describe('asStill', () => {
  it('says of one that moves that it is a picture too', () => {
    expect(asStill(moving()).toString('latin1', 4, 12)).toBe('ftypavif');
    expect(asStill(still())).toEqual(still());
  });

  it('refuses one without a picture', () => {
    const bytes = moving();
    bytes.write('free', bytes.indexOf('meta'), 'latin1');
    expect(() => asStill(bytes)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_CONTAINER' }),
    );
  });
});

describe('countAvifFrames', () => {
  it('counts pictures, not their transparency', () => {
    expect(countAvifFrames(moving())).toBe(3);
    expect(countAvifFrames(still())).toBe(1);
  });
});

describe('avifSpace', () => {
  it.each([
    [1, 13, 'srgb'],
    [2, 2, 'srgb'],
    [12, 13, 'display-p3'],
    [9, 16, null],
    [9, 13, null],
  ])('of primaries %i and transfer %i: %s', (primaries, transfer, space) => {
    expect(avifSpace(coloured(primaries, transfer))).toBe(space);
  });
});
