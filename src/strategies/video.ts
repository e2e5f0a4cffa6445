import { ForgeError } from '#domain/errors.ts';
import type { Analysis, Strategy, StrategyInput } from '#ports/strategy.ts';
import { describeTimed, readTimed, type TimedReaders } from './timed.ts';

/** Grows with what is found out, so that old results can be told from new ones. */
const VERSION = 2;

/** Reads pictures that move: container, every track, tags. */
export class VideoStrategy implements Strategy {
  readonly kind = 'video';
  readonly #readers: TimedReaders;

  constructor(readers: TimedReaders) {
    this.#readers = readers;
  }

  async analyse(input: StrategyInput, signal: AbortSignal): Promise<Analysis> {
    const report = await readTimed(this.#readers, input, signal);
    if (report.videoTracks.length === 0) {
      throw new ForgeError('NO_VIDEO_STREAM', 'permanent', 'there is no video in the file');
    }
    return {
      engine: report.engine,
      metadata: {
        kind: this.kind,
        ...describeTimed(report, input),
        strategy: this.kind,
        strategyVersion: VERSION,
      },
      derivatives: [],
    };
  }
}
