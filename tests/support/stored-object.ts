import { MemoryObjectStore } from '#adapters/memory/memory-object-store.ts';
import { ObjectSource } from '#adapters/probe/object-source.ts';
import { ForgeError } from '#domain/errors.ts';
import type { OpenedSource, SourceConditions } from '../contracts/media-source.contract.ts';
import { overriding } from './overriding.ts';

/** Bytes in the memory twin of the object store, to be read through an {@link ObjectSource}. */
export async function storedObject(
  bytes: Uint8Array,
  { down, ...budget }: SourceConditions,
): Promise<Required<Omit<OpenedSource, 'close'>>> {
  const store = new MemoryObjectStore();
  const put = (body: Uint8Array) => store.put('k', body, 'video/mp4');
  await put(bytes);
  const { etag = '' } = (await store.head('k')) ?? {};
  const fail = (): never => {
    throw new ForgeError('OBJECT_STORE_UNAVAILABLE', 'transient', 'nobody answers');
  };
  const from = down ? overriding(store, { readRange: fail, stream: fail }) : store;
  return {
    source: new ObjectSource(from, { key: 'k', etag, size: bytes.length }, budget),
    replace: () => put(Buffer.from('another')),
    remove: () => store.remove('k'),
  };
}
