import { type MediaInfo, mediaInfoFactory } from 'mediainfo.js';
import { ForgeError } from '#domain/errors.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { assertComplete } from './completeness.ts';
import { correct, countContainer } from './container-counts.ts';
import { tooComplex, unsupported } from './media-fault.ts';
import { parseMediainfo } from './mediainfo-report.ts';
import { RangeCache } from './range-cache.ts';

/** A few pages of memory for each piece; the cache below rounds and reads ahead. */
const CHUNK_BYTES = 64 * 1024;

/** A file that it is given in one piece it leaves half read; https://github.com/buzz/mediainfo.js, issue 188. */
const PIECES_MIN = 8;
const PIECE_BYTES_MIN = 1024;

/** The description of any honest file has a hundredth of it; 50 000 tags have more. */
const JSON_CHARS_MAX = 2 * 1024 * 1024;

/** Of the others it has nothing to add, and of a WAV it reads all. */
const READS = ['mp4', 'mov', 'webm', 'matroska', 'mpegts', 'avi', 'flv'];

/** An engine that a file has made larger is not kept; it begins with half of this. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** What the probe is given from outside. */
export interface MediainfoOptions {
  /** Containers of which another engine has found out before that the file is whole. */
  readonly trusts?: readonly string[];
}

/**
 * MediaInfo, compiled to WebAssembly: no network, no files, and no memory but its own.
 *
 * It reads on until it has read enough, or the source refuses for its budget; what it was given until then it describes,
 * because what a codec's first frames say is the same however many follow.
 */
export class MediainfoProbe implements MediaProbe {
  readonly #options: MediainfoOptions;
  #idle: MediaInfo<'JSON'> | null = null;

  constructor(options: MediainfoOptions = {}) {
    this.#options = options;
  }

  async probe(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    signal.throwIfAborted();
    if (!READS.includes(container)) throw unsupported(`MediaInfo is not asked of '${container}'`);
    const cached = new RangeCache(source);
    if (!this.#options.trusts?.includes(container)) {
      await assertComplete(cached, container, signal);
    }
    // Before it has spent what may be read.
    const counts = await countContainer(cached, container, signal);
    const { json, cut } = await this.#analyse(cached, signal);
    if (json.length > JSON_CHARS_MAX) throw tooComplex('there is too much to tell of the file');
    const report = parseMediainfo(json, { sniffed: container, cut });
    return correct(report, counts);
  }

  async #analyse(
    source: MediaSource,
    signal: AbortSignal,
  ): Promise<{ json: string; cut: boolean }> {
    // Nobody else reads with it meanwhile; starting another one takes longer than reading most files.
    const engine = this.#idle ?? (await start());
    this.#idle = null;
    const pieceBytes = Math.max(PIECE_BYTES_MIN, Math.ceil(source.size / PIECES_MIN));
    let fault: unknown;
    let cut = false;
    const read = async (size: number, offset: number): Promise<Uint8Array> => {
      try {
        signal.throwIfAborted();
        const bytes = Math.min(size, pieceBytes);
        return await source.read(offset, offset + bytes, signal);
      } catch (error) {
        // Nothing more: it describes what it has seen.
        cut = error instanceof ForgeError && error.code === 'PROBE_BUDGET_EXCEEDED';
        if (cut) return new Uint8Array();
        fault = error;
        throw error;
      }
    };
    try {
      const json = await engine.analyzeData(source.size, read);
      // Its memory never shrinks.
      const isWorn = engine['mediainfoModule'].HEAPU8.length > KEPT_BYTES_MAX;
      if (!isWorn) this.#idle = engine;
      return { json, cut };
    } catch (error) {
      // Whatever state it is in, nobody reads with it again.
      signal.throwIfAborted();
      if (fault !== undefined) throw fault;
      throw unsupported('MediaInfo cannot read the file', error);
    }
  }
}

function start(): Promise<MediaInfo<'JSON'>> {
  return mediaInfoFactory({ format: 'JSON', full: true, chunkSize: CHUNK_BYTES });
}
