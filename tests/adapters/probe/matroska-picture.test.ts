import { describe, expect, it } from 'vitest';
import { croppedPicture } from '#adapters/probe/matroska-picture.ts';

const field = (id: number, value: number): string =>
  `${id.toString(16)}82${value.toString(16).padStart(4, '0')}`;

const WIDTH = field(0xb0, 96);
const HEIGHT = field(0xba, 64);
const LEFT = field(0x54cc, 8);
const RIGHT = field(0x54dd, 8);
const TOP = field(0x54bb, 4);

function read(...fields: readonly string[]) {
  const bytes = new Uint8Array(Buffer.from(fields.join(''), 'hex'));
  const view = new DataView(bytes.buffer);
  return croppedPicture(view, { id: 0xe0, start: 0, end: bytes.length });
}

describe('croppedPicture', () => {
  it('is what is left, of square pixels unless it is told', () => {
    expect(read(WIDTH, HEIGHT, LEFT, RIGHT, TOP)).toEqual({
      cropped: { width: 80, height: 60 },
      pixelAspect: [1, 1],
    });
  });

  it('has its display size for itself: cropping comes first', () => {
    const shown = [field(0x54b0, 100), field(0x54ba, 64)];
    expect(read(WIDTH, HEIGHT, LEFT, RIGHT, ...shown)?.pixelAspect).toEqual([100 * 64, 64 * 80]);
    expect(read(WIDTH, HEIGHT, LEFT, ...shown, field(0x54b2, 4))?.pixelAspect).toEqual([1, 1]);
  });

  it('is none where nothing is cut off, or everything', () => {
    expect(read(WIDTH, HEIGHT)).toBeNull();
    expect(read(WIDTH, HEIGHT, field(0x54cc, 96))).toBeNull();
    expect(croppedPicture(new DataView(new ArrayBuffer(0)), null)).toBeNull();
  });
});
