import { open } from 'node:fs/promises';
import { MemoryObjectStore } from '#adapters/memory/memory-object-store.ts';
import type { ObjectStore } from '#ports/object-store.ts';
import { overriding } from './overriding.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * Objects whose bytes are files: as large as a file may be, and none of it in memory. What is put is forgotten.
 *
 * @param pathOf The file of a key.
 */
export function diskObjects(pathOf: (key: string) => string): ObjectStore {
  return overriding<ObjectStore>(new MemoryObjectStore(), {
    readRange: async (key, { start, end }, signal) => {
      signal?.throwIfAborted();
      const file = await open(pathOf(key));
      try {
        const bytes = new Uint8Array(end - start + 1);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    stream: async function* (key, _etag, signal) {
      signal?.throwIfAborted();
      const file = await open(pathOf(key));
      const stream = file.createReadStream({ highWaterMark: CHUNK_BYTES });
      for await (const chunk of stream) {
        signal?.throwIfAborted();
        yield chunk;
      }
    },
    put: async () => {},
  });
}
