import { describe, expect, it, vi } from 'vitest';
import { SystemIds } from '#adapters/node/system-ids.ts';
import { isAssetId } from '#domain/keys.ts';

const drawn = vi.hoisted(() => [] as Buffer[]);
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    randomBytes: (size: number) => drawn.shift() ?? crypto.randomBytes(size),
  };
});

describe('SystemIds', () => {
  const ids = new SystemIds();

  it('makes UUIDv7s that sort by time of birth and never repeat', () => {
    const made = Array.from({ length: 2000 }, () => ids.uuid());
    expect(made.every(isAssetId)).toBe(true);
    expect(made.every((id) => id[14] === '7')).toBe(true);
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it('makes the same id of a name for ever: stored ids depend on it', () => {
    expect(ids.uuidOf('acme/018f0000-0000-7000-8000-00000000000a/1/COMPLETED')).toBe(
      'c8cad914-b28b-5adc-8444-55e82bcfad07',
    );
    expect(ids.uuidOf('a')).not.toBe(ids.uuidOf('b'));
  });

  it.each([1, 8, 16])('draws %i bytes of hexadecimal', (bytes) => {
    expect(ids.hex(bytes)).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
  });

  it('draws again where it drew only zeros', () => {
    drawn.push(Buffer.alloc(2), Buffer.from('00ff', 'hex'));
    expect(ids.hex(2)).toBe('00ff');
    expect(drawn).toEqual([]);
  });

  it('draws numbers from 0 to 1, 1 excluded', () => {
    const made = Array.from({ length: 100 }, () => ids.random());
    expect(made.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(made).size).toBeGreaterThan(1);
  });
});
