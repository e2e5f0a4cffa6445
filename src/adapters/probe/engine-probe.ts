import { ForgeError } from '#domain/errors.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { AllowedSource } from './allowed-source.ts';
import { withImplied } from './codec-implies.ts';
import { ADDITIONS, ALONE, ENGINE_BY_CONTAINER, type Engine } from './engine-table.ts';
import { isShortage, unsupported } from './media-fault.ts';
import { mergeReports } from './merge-reports.ts';
import { PatientWall } from './patient-wall.ts';
import { RangeCache } from './range-cache.ts';
import { withoutStamps } from './stamped-packets.ts';

/** What the probe is given from outside. */
export interface EngineOptions {
  /** What a second engine may take to add to a report, from its first read on; what the bytes take to come is not counted. */
  readonly additionTimeoutMs: number;
  /** Who reads everything, whatever the table says; the others rely on one another. */
  readonly forced?: 'ffprobe' | undefined;
}

/**
 * Chooses the engine by the container, asks a second one for what the first is silent on, and asks ffprobe where the first
 * one does not know the file. Each engine bounds its own time.
 */
export class EngineProbe implements MediaProbe {
  readonly #engines: Readonly<Record<Engine, MediaProbe>>;
  readonly #options: EngineOptions;

  constructor(engines: Readonly<Record<Engine, MediaProbe>>, options: EngineOptions) {
    this.#engines = engines;
    this.#options = options;
  }

  async probe(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    const report = await this.#ask(source, container, signal);
    return { ...report, videoTracks: report.videoTracks.map(withImplied) };
  }

  async #ask(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    const engine = this.#options.forced ?? ENGINE_BY_CONTAINER[container];
    if (!engine) throw unsupported(`no engine reads '${container}'`);
    signal.throwIfAborted();
    try {
      if (engine === 'mediabunny') return await this.#askBoth(source, container, signal);
      const allowed = engine === 'mediainfo' ? new AllowedSource(source, ALONE) : source;
      return await this.#engines[engine].probe(allowed, container, signal);
    } catch (error) {
      const unknown = error instanceof ForgeError && error.code === 'UNSUPPORTED_CONTAINER';
      if (engine === 'ffprobe' || !unknown) throw error;
      return this.#lastResort(error, source, container, signal);
    }
  }

  /** Two engines read the same bytes first. */
  async #askBoth(
    source: MediaSource,
    container: string,
    signal: AbortSignal,
  ): Promise<ProbeReport> {
    const plain = container === 'mpegts' ? await withoutStamps(source, signal) : source;
    const shared = new RangeCache(plain);
    const report = await this.#engines.mediabunny.probe(shared, container, signal);
    return this.#add(report, shared, container, signal);
  }

  /** The report is good without the addition: only what is wrong with the source or the machine ends it. */
  async #add(
    report: ProbeReport,
    source: MediaSource,
    container: string,
    signal: AbortSignal,
  ): Promise<ProbeReport> {
    const allowance = ADDITIONS[container];
    if (!allowance) return report;
    const allowed = new AllowedSource(source, allowance);
    const wall = new PatientWall({
      wallMs: this.#options.additionTimeoutMs,
      isToBlame: async () => true,
      fromFirstRead: true,
    });
    const both = AbortSignal.any([signal, wall.signal]);
    try {
      const second = await this.#engines.mediainfo.probe(wall.around(allowed), container, both);
      return mergeReports(report, second);
    } catch (error) {
      signal.throwIfAborted();
      if (wall.signal.aborted) return report;
      if (allowed.fault !== undefined) throw allowed.fault;
      if (error instanceof ForgeError && error.kind === 'transient') throw error;
      return report;
    } finally {
      wall.end();
    }
  }

  /** Where ffprobe cannot help either, the first engine's word stands; where it could at another time, it does not. */
  async #lastResort(
    first: ForgeError,
    source: MediaSource,
    container: string,
    signal: AbortSignal,
  ): Promise<ProbeReport> {
    try {
      return await this.#engines.ffprobe.probe(source, container, signal);
    } catch (error) {
      const helpless =
        error instanceof ForgeError &&
        !isShortage(error.cause) &&
        (error.code === 'PROBE_UNAVAILABLE' || error.code === 'PROBE_BUDGET_EXCEEDED');
      throw helpless ? first : error;
    }
  }
}
