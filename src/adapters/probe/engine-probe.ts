import { ForgeError } from '#domain/errors.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { ENGINE_BY_CONTAINER, type Engine } from './engine-table.ts';
import { isShortage, unsupported } from './media-fault.ts';

/** What the probe is given from outside. */
export interface EngineOptions {
  /** The engine that reads everything, whatever the table says. */
  readonly forced?: Engine | undefined;
}

/**
 * Chooses the engine by the container, and asks ffprobe where the first one does not know the file. Each engine bounds its
 * own time.
 */
export class EngineProbe implements MediaProbe {
  readonly #engines: Readonly<Record<Engine, MediaProbe>>;
  readonly #options: EngineOptions;

  constructor(engines: Readonly<Record<Engine, MediaProbe>>, options: EngineOptions = {}) {
    this.#engines = engines;
    this.#options = options;
  }

  async probe(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    const engine = this.#options.forced ?? ENGINE_BY_CONTAINER[container];
    if (!engine) throw unsupported(`no engine reads '${container}'`);
    signal.throwIfAborted();
    try {
      return await this.#engines[engine].probe(source, container, signal);
    } catch (error) {
      const unknown = error instanceof ForgeError && error.code === 'UNSUPPORTED_CONTAINER';
      if (engine === 'ffprobe' || !unknown) throw error;
      return this.#lastResort(error, source, container, signal);
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
