import { describe, expect, it } from 'vitest';
import { decodeWeight } from '#adapters/image/decode-weight.ts';

const facts = { format: 'png', width: 100, height: 10, bitDepth: 8 };

describe('decodeWeight', () => {
  it.each([
    ['a pixel for each', facts, true, 1000],
    ['no more for deep ones that come row by row', { ...facts, bitDepth: 16 }, false, 1000],
    ['twice that for deep ones that are kept', { ...facts, bitDepth: 16 }, true, 2000],
    ['more for AVIF', { ...facts, format: 'avif' }, false, 2500],
    ['no guess where the depth is not known', { ...facts, bitDepth: null }, true, 1000],
  ])('is %s', (_, its, keepsAll, weight) => {
    expect(decodeWeight(its, keepsAll)).toBe(weight);
  });
});
