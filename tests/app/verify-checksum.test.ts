import { describe, expect, it } from 'vitest';
import { verifyChecksum } from '#app/verify-checksum.ts';

const unwanted = async (): Promise<string> => {
  throw new Error('all bytes were read');
};

describe('verifyChecksum', () => {
  it('says nothing where none was declared', async () => {
    expect(await verifyChecksum({}, { checksumSha256: 'b' }, unwanted)).toBeNull();
  });

  it('believes the store, and reads nothing', async () => {
    const declared = { checksumSha256: 'a' };
    expect(await verifyChecksum(declared, { checksumSha256: 'a' }, unwanted)).toBe('verified');
    await expect(verifyChecksum(declared, { checksumSha256: 'b' }, unwanted)).rejects.toMatchObject(
      { code: 'CHECKSUM_MISMATCH', kind: 'permanent' },
    );
  });

  it('reads the bytes where the store does not know, if that is wanted', async () => {
    const declared = { checksumSha256: 'a' };
    expect(await verifyChecksum(declared, {}, undefined)).toBe('unverified');
    expect(await verifyChecksum(declared, {}, async () => 'a')).toBe('verified');
    await expect(verifyChecksum(declared, {}, async () => 'b')).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      kind: 'permanent',
    });
  });
});
