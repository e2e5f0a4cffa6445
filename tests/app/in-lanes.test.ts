import { describe, expect, it } from 'vitest';
import { inLanes } from '#app/in-lanes.ts';

/** Work that ends when it is told to. */
function steps() {
  const gates = new Map<string, PromiseWithResolvers<string>>();
  const begun: string[] = [];
  const work = (item: string): Promise<string> => {
    begun.push(item);
    const gate = Promise.withResolvers<string>();
    gates.set(item, gate);
    return gate.promise;
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (item: string): Promise<void> => {
    gates.get(item)?.resolve(item.toUpperCase());
    await turn();
  };
  const fail = async (item: string): Promise<void> => {
    gates.get(item)?.reject(new Error(item));
    await turn();
  };
  return { begun, work, end, fail };
}

describe('inLanes', () => {
  it('has a few at once, and answers in order', async () => {
    const { begun, work, end } = steps();
    const results = inLanes(['a', 'b', 'c', 'd'], 2, work);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('c');
    await end('d');
    await end('a');
    expect(await results).toEqual(['A', 'B', 'C', 'D']);
  });

  it('rejects with the first fault, once nobody is at work, and begins no more', async () => {
    const { begun, work, end, fail } = steps();
    let ended = false;
    const results = inLanes(['a', 'b', 'c'], 2, work);
    const failed = expect(results.finally(() => (ended = true))).rejects.toThrow('b');
    await fail('b');
    expect(begun).toEqual(['a', 'b']);
    expect(ended).toBe(false);
    await end('a');
    await failed;
    expect(begun).toEqual(['a', 'b']);
  });

  it('does nothing with nothing', async () => {
    expect(await inLanes([], 2, async () => 1)).toEqual([]);
  });
});
