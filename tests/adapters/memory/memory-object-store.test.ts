import { describe, expect, it } from 'vitest';
import { MemoryObjectStore } from '#adapters/memory/memory-object-store.ts';
import { objectStoreContract } from '../../contracts/object-store.contract.ts';
import { FixedClock } from '../../support/fixed-clock.ts';

objectStoreContract('MemoryObjectStore', async () => {
  const store = new MemoryObjectStore();
  return {
    store,
    send: async (request, bytes, headers) => store.send(request, bytes, headers),
  };
});

describe('MemoryObjectStore', () => {
  it('refuses a presigned request after it expired', async () => {
    const clock = new FixedClock();
    const store = new MemoryObjectStore({ clock });
    const put = { key: 'k', contentType: 'video/mp4', size: 1, expiresSeconds: 60 };
    const request = await store.presignPut(put);
    clock.advance(60_001);
    expect(store.send(request, new Uint8Array(1))).toBe(403);
  });
});
