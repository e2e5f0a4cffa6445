import { ThumbhashMaker } from '#adapters/image/thumbhash-maker.ts';
import { ThumbnailsMaker } from '#adapters/image/thumbnails-maker.ts';
import type { WeightedLine } from '#adapters/image/weighted-line.ts';
import { CoverMaker } from '#adapters/probe/ffmpeg/cover-maker.ts';
import { Ffmpeg } from '#adapters/probe/ffmpeg/ffmpeg.ts';
import { LoudnessMaker } from '#adapters/probe/ffmpeg/loudness-maker.ts';
import { PosterMaker } from '#adapters/probe/ffmpeg/poster-maker.ts';
import { StoryboardMaker } from '#adapters/probe/ffmpeg/storyboard-maker.ts';
import { WaveformMaker } from '#adapters/probe/ffmpeg/waveform-maker.ts';
import { TempCopies } from '#adapters/probe/temp-copies.ts';
import { type DeriveFiles, deriveFiles } from '#app/commands/derive-files.ts';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { searchPath } from '#config/search-path.ts';
import { ForgeError } from '#domain/errors.ts';
import type { DerivativeMaker } from '#ports/derivative-maker.ts';
import type { Ports } from './ports.ts';
import { tellConfinement } from './tell-confinement.ts';

/** What `DERIVATIVES` says when nothing is to be made. */
const NONE = 'none';

/**
 * What is made of files: a new derivative is one maker, and one line in the list here.
 *
 * @param line Where images stand until there is memory for their pixels.
 * @throws ForgeError `INVALID_CONFIG` (permanent) where `DERIVATIVES` names one that is not in it.
 */
export function wireDerivatives(
  { objects, log, metrics }: Pick<Ports, 'objects' | 'log' | 'metrics'>,
  env: Env,
  line: WeightedLine,
): DeriveFiles | undefined {
  const ffmpeg = new Ffmpeg({
    ffmpegPath: env.FFMPEG_PATH,
    searchPath: searchPath(),
    jail: {
      wallMs: LIMITS.derivativeTimeoutMs,
      memoryBytesMax: LIMITS.derivativeMemoryBytesMax,
      stdoutBytesMax: LIMITS.derivativePictureBytesMax,
    },
  });
  const image = {
    line,
    pixelsMax: LIMITS.imagePixelsMax,
    secondsMax: LIMITS.imageDerivativeSecondsMax,
  };
  const all: readonly DerivativeMaker[] = [
    new ThumbnailsMaker({ ...image, widths: env.THUMBNAIL_WIDTHS }),
    new ThumbhashMaker(image),
    new PosterMaker(ffmpeg, LIMITS.posterPixelsMax),
    new StoryboardMaker(ffmpeg),
    new WaveformMaker(ffmpeg),
    new CoverMaker(ffmpeg, LIMITS.posterPixelsMax),
    new LoudnessMaker(ffmpeg),
  ];
  const makers = wanted(all, env.DERIVATIVES);
  if (makers.length === 0) return undefined;
  void tellConfinement('ffmpeg', ffmpeg, { log, metrics });
  return deriveFiles({
    makers,
    copies: new TempCopies({
      bytesMax: LIMITS.derivativeCopyBytesMax,
      wholeBytesMax: LIMITS.derivativeWholeBytesMax,
      excerpt: { heapBytesMax: LIMITS.probeHeapBytesMax, timeoutMs: LIMITS.excerptTimeoutMs },
    }),
    objects,
    log,
    metrics,
    attemptsMax: () => env.WORKER_ATTEMPTS_MAX,
    limits: LIMITS,
  });
}

function wanted(
  all: readonly DerivativeMaker[],
  names: readonly string[],
): readonly DerivativeMaker[] {
  const known = [...all.map(({ name }) => name), NONE];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const detail = `DERIVATIVES has to be of ${known.join(', ')}, not '${unknown.join(', ')}'`;
    throw new ForgeError('INVALID_CONFIG', 'permanent', detail);
  }
  return all.filter(({ name }) => names.includes(name));
}
