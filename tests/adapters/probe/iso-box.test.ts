import { describe, expect, it } from 'vitest';
import { viewOf } from '#adapters/probe/byte-view.ts';
import { boxes, versionedNumber } from '#adapters/probe/iso-box.ts';
import { box, concat, u32, u64 } from '../../support/iso-file.ts';

const V0 = u32(0);
const V1 = u32(0x0100_0000);

/** The number in a box of this content. */
function numberOf(...content: readonly Uint8Array[]): number | null {
  const view = viewOf(box('tfdt', ...content));
  return versionedNumber(view, [...boxes(view, 0, view.byteLength)][0] ?? null);
}

describe('versionedNumber', () => {
  it('has 32 bits in version 0, and 64 in version 1', () => {
    expect(numberOf(V0, u32(7, 8))).toBe(7);
    expect(numberOf(V1, u64(2 ** 40))).toBe(2 ** 40);
  });

  it('is null where there is no box, or no room in it', () => {
    expect(versionedNumber(viewOf(concat()), null)).toBeNull();
    expect(numberOf(V0)).toBeNull();
  });

  it('is not read past the end of its box', () => {
    expect(numberOf(V1, u32(7))).toBe(7);
  });
});
