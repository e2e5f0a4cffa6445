import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dueShard } from '#adapters/aws/asset-table.ts';

describe('dueShard', () => {
  it('is the same for the same id, on every machine', () => {
    expect(dueShard('018f0000-0000-7000-8000-00000000000a')).toBe('8');
  });

  it('spreads ids over all shards', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 16_000; i++) {
      const shard = dueShard(randomUUID());
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    expect(Math.min(...counts.values())).toBeGreaterThan(800);
  });
});
