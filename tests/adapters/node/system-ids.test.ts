import { describe, expect, it, vi } from 'vitest';
import { SystemIds } from '#adapters/node/system-ids.ts';
import { idsContract } from '../../contracts/ids.contract.ts';

const drawn = vi.hoisted(() => [] as Buffer[]);
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    randomBytes: (size: number) => drawn.shift() ?? crypto.randomBytes(size),
  };
});

idsContract('SystemIds', () => new SystemIds());

describe('SystemIds', () => {
  const ids = new SystemIds();

  it('draws again where it drew only zeros', () => {
    drawn.push(Buffer.alloc(2), Buffer.from('00ff', 'hex'));
    expect(ids.hex(2)).toBe('00ff');
    expect(drawn).toEqual([]);
  });

  it('leaves numbers to chance', () => {
    expect(new Set(Array.from({ length: 100 }, () => ids.random())).size).toBeGreaterThan(1);
  });
});
