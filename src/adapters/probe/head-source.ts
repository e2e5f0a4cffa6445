import type { MediaSource, ReadCost } from '#ports/media-source.ts';

/** What the first engine reads at once of a file it knows nothing of. */
const HEAD_BYTES = 64 * 1024;

/** A source whose first bytes are read once: everybody begins with them, and wants more than the one before. */
export class HeadSource implements MediaSource {
  readonly #source: MediaSource;
  #head: Uint8Array | null = null;

  constructor(source: MediaSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#source.size;
  }

  get etag(): string {
    return this.#source.etag;
  }

  get cost(): ReadCost {
    return this.#source.cost;
  }

  /** The bytes are shared: read them, don't write them. */
  async read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    const [from, to] = [Math.max(0, start), Math.min(end, this.size)];
    if (to <= from) return new Uint8Array();
    if (from >= HEAD_BYTES || (to > HEAD_BYTES && !this.#head)) {
      return this.#source.read(from, to, signal);
    }
    signal.throwIfAborted();
    this.#head ??= await this.#source.read(0, HEAD_BYTES, signal);
    const known = this.#head.subarray(from, to);
    if (to <= this.#head.length) return known;
    return joined(known, await this.#source.read(this.#head.length, to, signal));
  }

  async *stream(signal: AbortSignal): AsyncIterable<Uint8Array> {
    signal.throwIfAborted();
    if (this.#head?.length === this.size) yield this.#head;
    else yield* this.#source.stream(signal);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
