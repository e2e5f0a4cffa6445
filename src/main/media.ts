import { SharpImageReader } from '#adapters/image/sharp-image-reader.ts';
import { removeOrphanedCopies } from '#adapters/probe/copy-owner.ts';
import { EngineProbe } from '#adapters/probe/engine-probe.ts';
import { FfprobeProbe } from '#adapters/probe/ffprobe-probe.ts';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { ObjectSource } from '#adapters/probe/object-source.ts';
import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
import type { AnalyseSourceDeps } from '#app/commands/analyse-source.ts';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { toForgeError } from '#domain/errors.ts';
import type { Log } from '#ports/log.ts';
import { AudioStrategy } from '#strategies/audio.ts';
import { ImageStrategy } from '#strategies/image.ts';
import { selectStrategy } from '#strategies/select.ts';
import { VideoStrategy } from '#strategies/video.ts';
import type { Ports } from './ports.ts';

/** How media are read: a new kind is one strategy, and one line in the list here. */
export function wireMedia(
  { objects, log }: Pick<Ports, 'objects' | 'log'>,
  env: Env,
): Pick<AnalyseSourceDeps, 'openSource' | 'select'> {
  const sniffer = new FileTypeSniffer();
  const ffprobe = new FfprobeProbe({
    ffprobePath: env.FFPROBE_PATH,
    copyBytesMax: LIMITS.probeCopyBytesMax,
    jail: {
      wallMs: LIMITS.probeTimeoutMs,
      memoryBytesMax: LIMITS.probeMemoryBytesMax,
      stdoutBytesMax: LIMITS.probeOutputBytesMax,
    },
  });
  void tellConfinement(ffprobe, log);
  void tellOrphans(log);
  const mediabunny = new ThreadedProbe({
    threadsMax: LIMITS.probeThreadsMax,
    heapBytesMax: LIMITS.probeHeapBytesMax,
    wallMs: LIMITS.probeTimeoutMs,
  });
  const probe = new EngineProbe(
    { mediabunny, ffprobe },
    { forced: env.PROBE_ENGINE === 'ffprobe' ? 'ffprobe' : undefined },
  );
  const images = new SharpImageReader({
    pixelsMax: LIMITS.imagePixelsMax,
    bytesMax: LIMITS.imageBytesMax,
  });
  const strategies = [
    new VideoStrategy({ sniffer, probe }),
    new AudioStrategy({ sniffer, probe }),
    new ImageStrategy({ sniffer, images, engine: 'sharp' }),
  ];
  const budget = { requestsMax: LIMITS.probeRequestsMax, bytesMax: LIMITS.probeBytesMax };
  return {
    openSource: (key, { etag, size }) => new ObjectSource(objects, { key, etag, size }, budget),
    select: (mediaType) => selectStrategy(strategies, mediaType),
  };
}

/** Says once how ffprobe is confined here: with less than limits and no network a hostile file has more to try. */
async function tellConfinement(ffprobe: FfprobeProbe, log: Log): Promise<void> {
  try {
    const confinement = await ffprobe.confinement();
    if (confinement.includes('no network')) log.info({ confinement }, 'ffprobe is confined');
    else log.warn({ confinement }, 'ffprobe is not fully confined');
  } catch (error) {
    log.warn({ reason: toForgeError(error).message }, 'ffprobe cannot be used');
  }
}

/** What a worker that was killed had copied is in nobody's hands. */
async function tellOrphans(log: Log): Promise<void> {
  const count = await removeOrphanedCopies();
  if (count > 0) log.info({ count }, 'copies of a killed worker are removed');
}
