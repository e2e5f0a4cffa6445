import { describe, expect, it } from 'vitest';
import { MemoryStatusCache } from '#adapters/memory/memory-status-cache.ts';
import { statusCacheContract } from '../../contracts/status-cache.contract.ts';
import { anAsset } from '../../support/an-asset.ts';
import { FixedClock } from '../../support/fixed-clock.ts';

statusCacheContract('MemoryStatusCache', async () => {
  const clock = new FixedClock();
  const cache = new MemoryStatusCache(clock, { entriesMax: 100 });
  return { cache, other: cache, elapse: async (ms) => clock.advance(ms) };
});

describe('MemoryStatusCache', () => {
  it('lets the copy put longest ago go where there are too many', async () => {
    const cache = new MemoryStatusCache(new FixedClock(), { entriesMax: 2 });
    const [a, b, c] = [
      anAsset({ assetId: 'a' }),
      anAsset({ assetId: 'b' }),
      anAsset({ assetId: 'c' }),
    ] as const;
    for (const asset of [a, b, a, c]) await cache.put(asset, 1000);
    expect(await cache.get(b)).toBeNull();
    expect(await cache.get(a)).toEqual(a);
    expect(await cache.get(c)).toEqual(c);
  });
});
