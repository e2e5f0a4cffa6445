import { describe, expect, it } from 'vitest';
import { interest, isTelling, sampleMoments } from '#adapters/probe/ffmpeg/moments.ts';

const PIXELS = 32 * 32;
const plain = (grey: number) => new Uint8Array(PIXELS).fill(grey);
const striped = (dark: number, bright: number) =>
  Uint8Array.from({ length: PIXELS }, (_, at) => (at % 2 === 0 ? dark : bright));
const of = (...pictures: readonly Uint8Array[]) =>
  sampleMoments(Buffer.concat(pictures), (index) => index * 10);

describe('moments', () => {
  it('are told by their brightness and how it varies', () => {
    expect(of(plain(0), striped(0, 200))).toEqual([
      { at: 0, mean: 0, deviation: 0 },
      { at: 10, mean: 100, deviation: 100 },
    ]);
  });

  it('are of whole pictures', () => {
    expect(of(plain(0), plain(9).subarray(1))).toHaveLength(1);
    expect(of()).toEqual([]);
  });

  it('tell something unless they are black or blank', () => {
    const [black, white, dark, scene] = of(plain(0), plain(255), striped(0, 20), striped(0, 200));
    expect([black, white, dark, scene].map((each) => each && isTelling(each))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('tell more when more is to be seen in them', () => {
    const ranked = of(plain(0), plain(255), striped(0, 30), striped(0, 200)).map(interest);
    expect(ranked).toEqual(ranked.toSorted((a, b) => a - b));
  });
});
