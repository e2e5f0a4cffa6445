import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseByteRange } from '#embedded/s3/byte-range.ts';

const SIZE = 10;
const sizes = fc.nat(20);
const offsets = fc.nat(25);

describe('parseByteRange', () => {
  it('clips ranges to the object', () => {
    fc.assert(
      fc.property(sizes, offsets, offsets, (size, first, length) => {
        const last = first + length;
        const clipped = { start: first, end: Math.min(last, size - 1) };
        const inside = first < size;
        expect(parseByteRange(`bytes=${first}-${last}`, size)).toEqual(
          inside ? clipped : 'unsatisfiable',
        );
        expect(parseByteRange(`bytes=${first}-`, size)).toEqual(
          inside ? { start: first, end: size - 1 } : 'unsatisfiable',
        );
      }),
    );
  });

  it('counts suffixes from the end', () => {
    fc.assert(
      fc.property(sizes, offsets, (size, length) => {
        const some = Math.min(size, length) > 0;
        expect(parseByteRange(`bytes=-${length}`, size)).toEqual(
          some ? { start: Math.max(0, size - length), end: size - 1 } : 'unsatisfiable',
        );
      }),
    );
  });

  it.each([
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=1-2-3',
    'octets=1-2',
    'bytes=1-2, 4-5',
    'bytes=5-4',
  ])('takes %j for no range', (header) => {
    expect(parseByteRange(header, SIZE)).toBeNull();
  });
});
