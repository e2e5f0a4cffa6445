import type { MediaSource, ReadCost } from '#ports/media-source.ts';

/** Reads are rounded to blocks of this size: a request costs more than the bytes of a block. */
const BLOCK_BYTES = 64 * 1024;

/** Reads that go on where the last one ended are so many times as large as that, up to here. */
const READ_AHEAD_GROWTH = 4;
const READ_AHEAD_BYTES_MAX = 512 * 1024;

/** Answers of this size and more are kept in one piece, so that an index read twice is in memory once. */
const WHOLE_BYTES_MIN = 256 * 1024;

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * A source that remembers what it has read, so that several readers of one file pay for a block once.
 * It keeps everything: the budget of the source below bounds the memory.
 */
export class RangeCache implements MediaSource {
  readonly #source: MediaSource;
  #segments: Segment[] = [];
  #tail: Promise<unknown> = Promise.resolve();
  #sequential = { next: -1, bytes: BLOCK_BYTES };

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

  stream(signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#source.stream(signal);
  }

  /** Whether a read of these bytes would cost nothing. */
  holds(start: number, end: number): boolean {
    const to = Math.min(end, this.size);
    let at = Math.max(0, start);
    for (let segment = this.#segmentAt(at); segment && at < to; segment = this.#segmentAt(at)) {
      at = segment.end;
    }
    return at >= to;
  }

  /** The bytes are shared with the cache: read them, don't write them. */
  async read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    const from = Math.max(0, start);
    const to = Math.min(end, this.size);
    if (to <= from) return new Uint8Array();
    const known = this.#known(from, to);
    if (known) return known;
    // One at a time, so that two readers of one block make one request.
    const reading = this.#tail.then(() => this.#load(from, to, signal));
    this.#tail = reading.catch(() => {});
    return reading;
  }

  async #load(from: number, to: number, signal: AbortSignal): Promise<Uint8Array> {
    for (let at = from; at < to; ) {
      const segment = this.#segmentAt(at);
      if (segment) at = segment.end;
      else await this.#fetch(at, to, signal);
    }
    return this.#known(from, to) ?? this.#assemble(from, to);
  }

  async #fetch(at: number, to: number, signal: AbortSignal): Promise<void> {
    const start = this.#endBefore(at, Math.floor(at / BLOCK_BYTES) * BLOCK_BYTES);
    const goesOn = start === this.#sequential.next;
    const ahead = goesOn
      ? Math.min(this.#sequential.bytes * READ_AHEAD_GROWTH, READ_AHEAD_BYTES_MAX)
      : BLOCK_BYTES;
    const wanted = Math.max(Math.ceil(to / BLOCK_BYTES) * BLOCK_BYTES, start + ahead);
    const next = Math.min(...this.#segments.map((s) => s.start).filter((s) => s > at), this.size);
    const end = Math.min(wanted, next);
    this.#segments.push({ start, end, bytes: await this.#source.read(start, end, signal) });
    this.#sequential = { next: end, bytes: ahead };
  }

  /** Where the gap around `at` begins, not before `floor`. */
  #endBefore(at: number, floor: number): number {
    return Math.max(floor, ...this.#segments.map((s) => s.end).filter((end) => end <= at));
  }

  #segmentAt(at: number): Segment | undefined {
    return this.#segments.find((s) => s.start <= at && at < s.end);
  }

  #known(from: number, to: number): Uint8Array | null {
    const segment = this.#segments.find((s) => s.start <= from && to <= s.end);
    return segment ? segment.bytes.subarray(from - segment.start, to - segment.start) : null;
  }

  #assemble(from: number, to: number): Uint8Array {
    const parts = this.#segments.filter((s) => s.start < to && from < s.end);
    const keep = to - from >= WHOLE_BYTES_MIN;
    const start = keep ? Math.min(...parts.map((s) => s.start)) : from;
    const end = keep ? Math.max(...parts.map((s) => s.end)) : to;
    const bytes = new Uint8Array(end - start);
    for (const part of parts) {
      const skip = Math.max(0, start - part.start);
      bytes.set(part.bytes.subarray(skip, end - part.start), part.start + skip - start);
    }
    if (keep) this.#segments = this.#segments.filter((s) => !parts.includes(s));
    if (keep) this.#segments.push({ start, end, bytes });
    return bytes.subarray(from - start, to - start);
  }
}
