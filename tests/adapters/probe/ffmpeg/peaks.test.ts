import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeakGatherer } from '#adapters/probe/ffmpeg/peaks.ts';

/** Samples as bytes. */
function pcm(samples: readonly number[]): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [at, sample] of samples.entries()) bytes.writeInt16LE(sample, at * 2);
  return bytes;
}

function peaksOf(samples: readonly number[], pixelsMax: number, cuts: readonly number[] = []) {
  const gatherer = new PeakGatherer(pixelsMax, 2);
  const bytes = pcm(samples);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [index, end] of ends.entries())
    gatherer.add(bytes.subarray(ends[index - 1] ?? 0, end));
  return gatherer.peaks();
}

describe('PeakGatherer', () => {
  it('has the lowest and the highest sample of each pixel, in eight bits', () => {
    expect(peaksOf([0, 256, -512, 1024, 32_767, -32_768, 300], 100)).toEqual({
      samplesPerPixel: 2,
      data: [0, 1, -2, 4, -128, 127, 1, 1],
    });
  });

  it('makes one pixel of two when there are too many', () => {
    expect(peaksOf([0, 256, -256, 0, 512, 512, 768, 256, 2560, 0], 4)).toEqual({
      samplesPerPixel: 4,
      data: [-1, 1, 1, 3, 0, 10],
    });
  });

  it('has nothing of nothing', () => {
    expect(peaksOf([], 4)).toEqual({ samplesPerPixel: 2, data: [] });
  });

  it('loses no peak, keeps within its pixels, and does not care where chunks end', () => {
    const sample = fc.integer({ min: -32_768, max: 32_767 });
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 500 }),
        fc.array(fc.nat(1000), { maxLength: 5 }),
        fc.integer({ min: 1, max: 8 }).map((half) => half * 2),
        (samples, cuts, pixelsMax) => {
          const { samplesPerPixel, data } = peaksOf(samples, pixelsMax, cuts);
          expect(data).toEqual(peaksOf(samples, pixelsMax).data);
          expect(data.length / 2).toBe(Math.ceil(samples.length / samplesPerPixel));
          expect(data.length / 2).toBeLessThanOrEqual(pixelsMax);
          expect(Math.max(...data)).toBe(Math.floor(Math.max(...samples) / 256));
          expect(Math.min(...data)).toBe(Math.floor(Math.min(...samples) / 256));
        },
      ),
    );
  });
});
