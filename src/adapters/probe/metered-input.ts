import {
  ADTS,
  CustomSource,
  FLAC,
  Input,
  Logging,
  LogLevel,
  MATROSKA,
  MP3,
  MP4,
  MPEG_TS,
  OGG,
  QTFF,
  QuickTimeInputFormat,
  WAVE,
  WEBM,
} from 'mediabunny';
import { ForgeError } from '#domain/errors.ts';
import type { ReadAllowance } from './engine-table.ts';
import type { RangeCache } from './range-cache.ts';

/** Listed one by one: `ALL_FORMATS` has HLS in it, whose playlists name other files. */
const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MP3, WAVE, FLAC, OGG, ADTS, MPEG_TS];

/** QuickTime from before files said their brand, which mediabunny reads and does not recognise. */
class BrandlessQuickTime extends QuickTimeInputFormat {
  // In the place of its own, which looks for a brand: whoever chooses this format has looked already.
  async _canReadInput(): Promise<boolean> {
    return true;
  }
}

/** Asked last. */
const BRANDLESS = new BrandlessQuickTime();

/** Mediabunny's own cache makes what it has read synchronous; ours, below it, makes it free. */
const CACHE_BYTES_MAX = 8 * 1024 * 1024;

// It says on the console what it cannot read, once per track; we say it in the result.
Logging.level = LogLevel.Silent;

const UNLIMITED: ReadAllowance = {
  requests: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
};

/** A mediabunny input over one of our sources, with a meter. */
export class MeteredInput {
  readonly input: Input;
  readonly #source: RangeCache;
  readonly #signal: AbortSignal;
  #ceiling = UNLIMITED;
  #fault: unknown;

  constructor(source: RangeCache, container: string, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
    this.input = new Input({
      formats: container === 'mov' ? [...FORMATS, BRANDLESS] : FORMATS,
      source: new CustomSource({
        getSize: () => source.size,
        read: (start, end) => this.#read(start, end),
        maxCacheSize: CACHE_BYTES_MAX,
        // Rounding and read-ahead are the range cache's: padding here would make it read what nobody wants. Transport
        // streams are read 188 bytes at a time, which without it costs more time than it saves bytes.
        prefetchProfile: container === 'mpegts' ? 'fileSystem' : 'none',
        // Every failed read also rejects the call that wanted it.
        handleUnhandledError: () => {},
      }),
    });
  }

  /** What a read failed with, whatever the engine made of it. */
  get fault(): unknown {
    return this.#fault;
  }

  /** The answer to an optional question, or null where it costs more than it may. */
  async within<T>(allowance: ReadAllowance, ask: () => Promise<T>): Promise<T | null> {
    const { requests, bytes } = this.#source.cost;
    this.#ceiling = { requests: requests + allowance.requests, bytes: bytes + allowance.bytes };
    try {
      return await ask();
    } catch {
      const fault = this.#fault;
      this.#fault = undefined;
      const tooDear = fault instanceof ForgeError && fault.code === 'PROBE_BUDGET_EXCEEDED';
      if (fault !== undefined && !tooDear) throw fault;
      return null;
    } finally {
      this.#ceiling = UNLIMITED;
    }
  }

  close(): void {
    this.input.dispose();
  }

  async #read(start: number, end: number): Promise<Uint8Array> {
    this.#signal.throwIfAborted();
    const { requests, bytes } = this.#source.cost;
    const wouldBe = bytes + this.#missing(start, end);
    const isSpent = requests >= this.#ceiling.requests || bytes >= this.#ceiling.bytes;
    if (isSpent || wouldBe > this.#ceiling.bytes) {
      throw new ForgeError(
        'PROBE_BUDGET_EXCEEDED',
        'permanent',
        'the answer is not worth more reads',
      );
    }
    try {
      return await this.#source.read(start, end, this.#signal);
    } catch (error) {
      this.#fault = error;
      throw error;
    }
  }

  /** Bytes that a read would have to load: of a Matroska file it wants a cluster at once, which may be all of the file. */
  #missing(start: number, end: number): number {
    return this.#source.holds(start, end) ? 0 : end - start;
  }
}
