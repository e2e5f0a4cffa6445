import type { MediaSource, ReadCost } from '#ports/media-source.ts';

/** What the first engine reads at once of a file it knows nothing of. */
const HEAD_BYTES = 64 * 1024;

/** A source whose first bytes are read once: everybody begins with them, and wants a few more than the one before. */
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
    if (to > HEAD_BYTES) return this.#source.read(from, to, signal);
    signal.throwIfAborted();
    this.#head ??= await this.#source.read(0, HEAD_BYTES, signal);
    return this.#head.subarray(from, to);
  }

  stream(signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#source.stream(signal);
  }
}
