import { describe, expect, it } from 'vitest';
import { ObjectSource } from '#adapters/probe/object-source.ts';

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
      yield bytes.slice(0, 60);
      yield bytes.slice(60);
    },
  };
  return { asked, source: new ObjectSource(store, { key: 'k', etag: '"e"', size }, budget) };
}

describe('ObjectSource', () => {
  it('reads ranges of the pinned object, clipped to its size', async () => {
    const { source, asked } = open();
    expect(await source.read(90, 200, signal)).toEqual(
      Uint8Array.from({ length: 10 }, (_, i) => 90 + i),
    );
    expect(asked).toEqual([{ key: 'k', etag: '"e"', start: 90, end: 99 }]);
  });

  it('asks nothing where there is nothing to read', async () => {
    const { source, asked } = open();
    expect(await source.read(100, 120, signal)).toEqual(new Uint8Array());
    expect(asked).toEqual([]);
  });

  it('counts what reads and streams cost', async () => {
    const { source } = open();
    await source.read(0, 10, signal);
    await source.read(-5, 10, signal);
    expect(source.cost).toEqual({ requests: 2, bytes: 20 });
    for await (const chunk of source.stream(signal)) expect(chunk.length).toBeGreaterThan(0);
    expect(source.cost).toEqual({ requests: 3, bytes: 120 });
  });

  it.each([
    ['requests', { requestsMax: 1, bytesMax: 1000 }],
    ['bytes', { requestsMax: 10, bytesMax: 15 }],
  ])('refuses a read over the budget of %s, before it costs anything', async (_, budget) => {
    const { source, asked } = open(budget);
    await source.read(0, 10, signal);
    await expect(source.read(0, 10, signal)).rejects.toMatchObject({
      code: 'PROBE_BUDGET_EXCEEDED',
      kind: 'permanent',
    });
    expect(asked).toHaveLength(1);
    expect(source.cost).toEqual({ requests: 1, bytes: 10 });
  });

  it('does not hold a stream to the budget of reads', async () => {
    const { source } = open({ requestsMax: 1, bytesMax: 10 });
    let count = 0;
    for await (const chunk of source.stream(signal)) count += chunk.length;
    expect(count).toBe(100);
    await expect(source.read(0, 10, signal)).resolves.toHaveLength(10);
  });

  it('says that an object changed which is shorter than it was', async () => {
    const { source } = open(undefined, 120);
    await expect(source.read(90, 120, signal)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  });
});
