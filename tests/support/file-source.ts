import { readFileSync } from 'node:fs';
import type { MediaSource } from '#ports/media-source.ts';

/** Where bytes come from: all of them in memory, or a few in a sea of zeros. */
type Bytes = (start: number, end: number) => Uint8Array;

/** A media source in memory that remembers what was read of it. */
export class FileSource implements MediaSource {
  readonly etag = '"test"';
  readonly size: number;
  readonly reads: (readonly [start: number, end: number])[] = [];
  readonly cost = { requests: 0, bytes: 0 };
  readonly #bytes: Bytes;

  constructor(bytes: Uint8Array | Bytes, size = bytes.length) {
    this.#bytes = typeof bytes === 'function' ? bytes : (start, end) => bytes.slice(start, end);
    this.size = size;
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const [from, to] = [Math.max(0, start), Math.min(end, this.size)];
    if (to <= from) return new Uint8Array();
    this.reads.push([from, to]);
    this.cost.requests += 1;
    this.cost.bytes += to - from;
    return this.#bytes(from, to);
  }

  async *stream(signal: AbortSignal): AsyncIterable<Uint8Array> {
    signal.throwIfAborted();
    this.cost.requests += 1;
    this.cost.bytes += this.size;
    yield this.#bytes(0, this.size);
    signal.throwIfAborted();
  }
}

/** A file of `tests/fixtures/media/` or, where it is none, of `samples/`. */
export function mediaBytes(name: string): Uint8Array {
  const sample = /^(clip|portrait)\.|^tone\.mp3$/.test(name);
  const path = sample ? `../../samples/${name}` : `../fixtures/media/${name}`;
  // A copy: slices of a Buffer share its memory.
  return new Uint8Array(readFileSync(new URL(path, import.meta.url)));
}

/** The same, to be read. */
export function mediaFile(name: string): FileSource {
  return new FileSource(mediaBytes(name));
}

/** A file that is zeros but for some parts: as large as you like. */
export function sparseFile(
  size: number,
  parts: readonly { readonly at: number; readonly bytes: Uint8Array }[],
): FileSource {
  return new FileSource((start, end) => {
    const bytes = new Uint8Array(end - start);
    for (const part of parts) {
      const from = Math.max(start, part.at);
      const to = Math.min(end, part.at + part.bytes.length);
      if (from < to) bytes.set(part.bytes.subarray(from - part.at, to - part.at), from - start);
    }
    return bytes;
  }, size);
}
