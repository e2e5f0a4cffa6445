import { ForgeError } from '#domain/errors.ts';
import type { MediaSource, ReadCost } from '#ports/media-source.ts';
import type { ObjectStore } from '#ports/object-store.ts';

/** The object as HEAD and the row know it: what every read is pinned to. */
export interface PinnedObject {
  readonly key: string;
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

/** How much of an object may be read before it is left alone. */
export interface ReadBudget {
  readonly requestsMax: number;
  readonly bytesMax: number;
}

/** A {@link MediaSource} over one object of the object store. */
export class ObjectSource implements MediaSource {
  readonly size: number;
  readonly etag: string;
  readonly #store: Pick<ObjectStore, 'readRange' | 'stream'>;
  readonly #key: string;
  readonly #budget: ReadBudget;
  readonly #read = { requests: 0, bytes: 0 };
  readonly #streamed = { requests: 0, bytes: 0 };

  constructor(
    store: Pick<ObjectStore, 'readRange' | 'stream'>,
    object: PinnedObject,
    budget: ReadBudget,
  ) {
    this.#store = store;
    this.#key = object.key;
    this.#budget = budget;
    this.size = object.size;
    this.etag = object.etag;
  }

  get cost(): ReadCost {
    return {
      requests: this.#read.requests + this.#streamed.requests,
      bytes: this.#read.bytes + this.#streamed.bytes,
    };
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    const from = Math.max(0, start);
    const length = Math.min(end, this.size) - from;
    if (length <= 0) return new Uint8Array();
    this.#charge(length);
    const range = { etag: this.etag, start: from, end: from + length - 1 };
    const bytes = await this.#store.readRange(this.#key, range, signal);
    if (bytes.length === length) return bytes;
    const detail = `the object answered ${bytes.length} of ${length} bytes`;
    throw new ForgeError('SOURCE_CHANGED', 'permanent', detail);
  }

  async *stream(signal: AbortSignal): AsyncIterable<Uint8Array> {
    this.#streamed.requests += 1;
    let bytes = 0;
    for await (const chunk of this.#store.stream(this.#key, this.etag, signal)) {
      this.#streamed.bytes += chunk.length;
      bytes += chunk.length;
      yield chunk;
    }
    // With that ETag it is that size: whatever else came is not the object.
    if (bytes === this.size) return;
    const detail = `the object store has sent ${bytes} of ${this.size} bytes`;
    throw new ForgeError('OBJECT_STORE_UNAVAILABLE', 'transient', detail);
  }

  /** Before the request goes out, so that a refused read costs nothing. */
  #charge(bytes: number): void {
    const { requestsMax, bytesMax } = this.#budget;
    if (this.#read.requests + 1 > requestsMax || this.#read.bytes + bytes > bytesMax) {
      const detail = `reading what the file is takes over ${requestsMax} requests or ${bytesMax} bytes`;
      throw new ForgeError('PROBE_BUDGET_EXCEEDED', 'permanent', detail);
    }
    this.#read.requests += 1;
    this.#read.bytes += bytes;
  }
}
