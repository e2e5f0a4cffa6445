import { SharpImageReader } from '#adapters/image/sharp-image-reader.ts';
import { WeightedLine } from '#adapters/image/weighted-line.ts';
import { sha256Of } from '#adapters/node/sha256-of.ts';
import { removeOrphanedCopies } from '#adapters/probe/copy-owner.ts';
import { EngineProbe } from '#adapters/probe/engine-probe.ts';
import { FfprobeProbe } from '#adapters/probe/ffprobe-probe.ts';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { HeadSource } from '#adapters/probe/head-source.ts';
import { ObjectSource } from '#adapters/probe/object-source.ts';
import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
import type { AnalyseSourceDeps } from '#app/commands/analyse-source.ts';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import type { Log } from '#ports/log.ts';
import { AudioStrategy } from '#strategies/audio.ts';
import { ImageStrategy } from '#strategies/image.ts';
import { selectStrategy } from '#strategies/select.ts';
import { VideoStrategy } from '#strategies/video.ts';
import { wireDerivatives } from './derivatives.ts';
import type { Ports } from './ports.ts';
import { tellConfinement } from './tell-confinement.ts';

/** How media are read: a new kind is one strategy, and one line in the list here. */
export function wireMedia(
  { objects, log, metrics }: Pick<Ports, 'objects' | 'log' | 'metrics'>,
  env: Env,
): Omit<AnalyseSourceDeps, 'clock'> {
  const sniffer = new FileTypeSniffer();
  const ffprobe = wireFfprobe(env);
  void tellConfinement('ffprobe', ffprobe, { log, metrics });
  void tellOrphans(log);
  const mediabunny = new ThreadedProbe({
    threadsMax: LIMITS.probeThreadsMax,
    heapBytesMax: LIMITS.probeHeapBytesMax,
    youngHeapBytesMax: LIMITS.probeYoungHeapBytesMax,
    wallMs: LIMITS.probeTimeoutMs,
  });
  const mediainfo = new ThreadedProbe({
    engine: 'mediainfo',
    threadsMax: LIMITS.probeThreadsMax,
    heapBytesMax: LIMITS.probeHeapBytesMax,
    youngHeapBytesMax: LIMITS.probeYoungHeapBytesMax,
    wallMs: LIMITS.probeTimeoutMs,
  });
  const probe = new EngineProbe(
    { mediabunny, mediainfo, ffprobe },
    {
      additionTimeoutMs: LIMITS.probeAdditionTimeoutMs,
      forced: env.PROBE_ENGINE === 'ffprobe' ? 'ffprobe' : undefined,
    },
  );
  // One for all that is decoded in this process.
  const line = new WeightedLine(LIMITS.imagePixelsMax);
  const images = new SharpImageReader({
    line,
    pixelsMax: LIMITS.imagePixelsMax,
    bytesMax: LIMITS.imageBytesMax,
    secondsMax: LIMITS.imageReadSecondsMax,
    keepGps: env.KEEP_GPS,
  });
  const strategies = [
    new VideoStrategy({ sniffer, probe }),
    new AudioStrategy({ sniffer, probe }),
    new ImageStrategy({ sniffer, images, engine: 'sharp' }),
  ];
  const budget = { requestsMax: LIMITS.probeRequestsMax, bytesMax: LIMITS.probeBytesMax };
  return {
    openSource: (key, { etag, size }) =>
      new HeadSource(new ObjectSource(objects, { key, etag, size }, budget)),
    select: (mediaType) => selectStrategy(strategies, mediaType),
    digest: env.VERIFY_CHECKSUM === 'always' ? sha256Of : undefined,
    derive: wireDerivatives({ objects, log, metrics }, env, line),
  };
}

/** The last resort, in its jail. */
export function wireFfprobe(env: Pick<Env, 'FFPROBE_PATH'>): FfprobeProbe {
  return new FfprobeProbe({
    ffprobePath: env.FFPROBE_PATH,
    copyBytesMax: LIMITS.probeCopyBytesMax,
    jail: {
      wallMs: LIMITS.probeTimeoutMs,
      memoryBytesMax: LIMITS.probeMemoryBytesMax,
      stdoutBytesMax: LIMITS.probeOutputBytesMax,
    },
  });
}

/** What a worker that was killed had copied is in nobody's hands. */
async function tellOrphans(log: Log): Promise<void> {
  const count = await removeOrphanedCopies();
  if (count > 0) log.info({ count }, 'copies of a killed worker are removed');
}
