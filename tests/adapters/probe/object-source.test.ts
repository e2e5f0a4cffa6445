import { describe, expect, it } from 'vitest';
import { ObjectSource } from '#adapters/probe/object-source.ts';
import { mediaSourceContract } from '../../contracts/media-source.contract.ts';
import { storedObject } from '../../support/stored-object.ts';

mediaSourceContract('ObjectSource over MemoryObjectStore', storedObject);

const signal = new AbortController().signal;

function open(budget = { requestsMax: 10, bytesMax: 1000 }, size = 100) {
  const asked: unknown[] = [];
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const store = {
    readRange: async (key: string, range: { etag: string; start: number; end: number }) => {
      asked.push({ key, ...range });
      return bytes.slice(range.start, range.end + 1);
    },
    stream: async function* (key: string, etag: string) {
      asked.push({ key, etag });
      yield bytes;
    },
  };
  return { asked, source: new ObjectSource(store, { key: 'k', etag: '"e"', size }, budget) };
}

describe('ObjectSource', () => {
  it('asks for ranges of the pinned object, clipped to its size', async () => {
    const { source, asked } = open();
    await source.read(90, 200, signal);
    expect(asked).toEqual([{ key: 'k', etag: '"e"', start: 90, end: 99 }]);
  });

  it('asks nothing where there is nothing to read, or no budget for it', async () => {
    const { source, asked } = open({ requestsMax: 0, bytesMax: 1000 });
    await source.read(100, 120, signal);
    await expect(source.read(0, 10, signal)).rejects.toMatchObject({
      code: 'PROBE_BUDGET_EXCEEDED',
    });
    expect(asked).toEqual([]);
  });

  it('says that an object changed which is shorter than it was', async () => {
    const { source } = open(undefined, 120);
    await expect(source.read(90, 120, signal)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  });
});
