import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inTens } from '#app/in-tens.ts';

describe('calls in tens', () => {
  it('take every entry once, in order, ten at most, and answer for each', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer(), { maxLength: 45 }), async (entries) => {
        const batches: (readonly number[])[] = [];
        const results = await inTens(entries, async (batch) => {
          batches.push(batch);
          return batch.map((entry) => entry % 2 === 0);
        });
        expect(batches.flat()).toEqual(entries);
        expect(batches.every(({ length }) => length >= 1 && length <= 10)).toBe(true);
        expect(batches).toHaveLength(Math.ceil(entries.length / 10));
        expect(results).toEqual(entries.map((entry) => entry % 2 === 0));
      }),
    );
  });

  it('end with the first that fails', async () => {
    let calls = 0;
    const failing = inTens(Array.from({ length: 30 }), async () => {
      calls += 1;
      throw new Error('no answer');
    });
    await expect(failing).rejects.toThrow('no answer');
    expect(calls).toBe(1);
  });
});
