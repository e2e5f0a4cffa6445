import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeCache } from '#adapters/probe/range-cache.ts';
import { mediaSourceContract } from '../../contracts/media-source.contract.ts';
import { FileSource } from '../../support/file-source.ts';
import { storedObject } from '../../support/stored-object.ts';

mediaSourceContract(
  'RangeCache over ObjectSource',
  async (bytes, conditions) => {
    const { source, ...rest } = await storedObject(bytes, conditions);
    return { source: new RangeCache(source), ...rest };
  },
  { inexact: 'it rounds reads to blocks' },
);

const signal = new AbortController().signal;
const KIB = 1024;
const pattern = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255);

describe('RangeCache', () => {
  it('reads a block once, however often it is asked for', async () => {
    const source = new FileSource(pattern(300 * KIB));
    const cache = new RangeCache(source);
    await cache.read(0, 16, signal);
    await cache.read(10, 60 * KIB, signal);
    expect(source.reads).toEqual([[0, 64 * KIB]]);
  });

  it('makes one request for two readers of one block', async () => {
    const source = new FileSource(pattern(300 * KIB));
    const cache = new RangeCache(source);
    await Promise.all([cache.read(0, 16, signal), cache.read(100, 116, signal)]);
    expect(source.cost.requests).toBe(1);
  });

  it('reads a large range in one request, rounded to blocks', async () => {
    const source = new FileSource(pattern(2000 * KIB));
    await new RangeCache(source).read(1000 * KIB, 1900 * KIB, signal);
    expect(source.reads).toEqual([[960 * KIB, 1920 * KIB]]);
  });

  it('reads ahead four times as far each time a reader goes on where it was, up to half a megabyte', async () => {
    const source = new FileSource(pattern(4000 * KIB));
    const cache = new RangeCache(source);
    for (let at = 0; at < 1000 * KIB; at += 10 * KIB) await cache.read(at, at + 10 * KIB, signal);
    expect(source.reads.map(([start, end]) => (end - start) / KIB)).toEqual([64, 256, 512, 512]);
  });

  it('knows what it holds, whatever pieces it came in', async () => {
    const cache = new RangeCache(new FileSource(pattern(300 * KIB)));
    await cache.read(64 * KIB, 65 * KIB, signal);
    expect([cache.holds(0, 65 * KIB), cache.holds(64 * KIB, 129 * KIB)]).toEqual([false, false]);
    await cache.read(0, 1, signal);
    expect([cache.holds(0, 128 * KIB), cache.holds(0, 129 * KIB)]).toEqual([true, false]);
    await cache.read(290 * KIB, 291 * KIB, signal);
    expect(cache.holds(290 * KIB, 999 * KIB)).toBe(true);
  });

  it('says nothing beyond the end of the file', async () => {
    const cache = new RangeCache(new FileSource(pattern(100)));
    expect((await cache.read(90, 1000, signal)).length).toBe(10);
    expect((await cache.read(100, 110, signal)).length).toBe(0);
  });

  it('goes on after a read that failed', async () => {
    const source = new FileSource(pattern(1000));
    const cache = new RangeCache(source);
    await expect(cache.read(0, 10, AbortSignal.abort())).rejects.toThrow();
    expect(await cache.read(0, 10, signal)).toEqual(pattern(10));
  });

  it('answers with the bytes of the file, whatever is asked in whatever order', async () => {
    const bytes = pattern(1500 * KIB);
    const at = fc.nat({ max: bytes.length });
    const asked = fc.array(fc.tuple(at, fc.nat({ max: 700 * KIB })), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(asked, async (ranges) => {
        const source = new FileSource(bytes);
        const cache = new RangeCache(source);
        const answers = await Promise.all(ranges.map(([a, n]) => cache.read(a, a + n, signal)));
        for (const [i, [a, n]] of ranges.entries()) {
          const right =
            Buffer.compare(answers[i] ?? new Uint8Array(), bytes.subarray(a, a + n)) === 0;
          expect(right).toBe(true);
        }
        expect(source.cost.bytes).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 60 },
    );
  });
});
