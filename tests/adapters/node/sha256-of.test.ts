import { describe, expect, it } from 'vitest';
import { sha256Of } from '#adapters/node/sha256-of.ts';
import { FileSource } from '../../support/file-source.ts';

describe('sha256Of', () => {
  it('is the digest of all bytes, Base64', async () => {
    const bytes = new TextEncoder().encode('abc');
    expect(await sha256Of(new FileSource(bytes), new AbortController().signal)).toBe(
      'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=',
    );
  });

  it('ends with the signal', async () => {
    const reading = sha256Of(new FileSource(new Uint8Array(9)), AbortSignal.abort(new Error('no')));
    await expect(reading).rejects.toThrow('no');
  });
});
