import { ForgeError } from '#domain/errors.ts';
import type { MediaSource, ReadCost } from '#ports/media-source.ts';
import type { ReadAllowance } from './engine-table.ts';
import { RangeCache } from './range-cache.ts';

/** A source of which only so much more may be read; what a cache below answers is free. */
export class AllowedSource implements MediaSource {
  readonly #source: MediaSource;
  readonly #ceiling: ReadAllowance;
  #fault: unknown;

  constructor(source: MediaSource, { requests, bytes }: ReadAllowance) {
    this.#source = source;
    const { cost } = source;
    this.#ceiling = { requests: cost.requests + requests, bytes: cost.bytes + bytes };
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

  /** What the source itself failed with. */
  get fault(): unknown {
    return this.#fault;
  }

  /** @throws ForgeError `PROBE_BUDGET_EXCEEDED` once what is allowed is spent; what the source rejects with. */
  async read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    const { requests, bytes } = this.cost;
    const isSpent = requests >= this.#ceiling.requests || bytes >= this.#ceiling.bytes;
    if (isSpent && !this.#isFree(start, end)) {
      throw new ForgeError('PROBE_BUDGET_EXCEEDED', 'permanent', 'all that is allowed was read');
    }
    try {
      return await this.#source.read(start, end, signal);
    } catch (error) {
      const spent = error instanceof ForgeError && error.code === 'PROBE_BUDGET_EXCEEDED';
      if (!spent) this.#fault = error;
      throw error;
    }
  }

  #isFree(start: number, end: number): boolean {
    return this.#source instanceof RangeCache && this.#source.holds(start, end);
  }

  stream(signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#source.stream(signal);
  }
}
