import { ForgeError } from '#domain/errors.ts';
import { METADATA_VERSION } from '#domain/metadata.ts';
import { diagnose } from '#domain/non-standard-input.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { StrategyInput } from '#ports/strategy.ts';
import type { TypeSniffer } from '#ports/type-sniffer.ts';
import { agreeOnContainer, agreeOnMagic } from './witnesses.ts';

/** Over a year: no recording, but what nonsense in a header amounts to. */
const DURATION_SECONDS_MAX = 10_000 * 3600;

/** The largest picture any level of any codec in use allows is half of this. */
const SIDE_PIXELS_MAX = 65_535;

/** Who reads video and audio. */
export interface TimedReaders {
  readonly sniffer: TypeSniffer;
  readonly probe: MediaProbe;
}

/**
 * Reads a timed container, holds the three witnesses against each other, and believes nothing absurd.
 *
 * @throws ForgeError `TYPE_MISMATCH`, `UNSUPPORTED_CONTAINER`, `CORRUPT_MEDIA` (permanent), those of the probe.
 */
export async function readTimed(
  { sniffer, probe }: TimedReaders,
  { mediaType, source }: StrategyInput,
  signal: AbortSignal,
): Promise<ProbeReport> {
  const container = agreeOnMagic(mediaType, await sniffer.sniff(source, signal));
  const report = await probe.probe(source, container, signal);
  agreeOnContainer(mediaType, report.container);
  refuseAbsurd(report);
  return report;
}

/** The part of the metadata that video and audio have in common. */
export function describeTimed(report: ProbeReport, { mediaType, source }: StrategyInput) {
  const { container, durationSeconds, durationSource, videoTracks, audioTracks } = report;
  const { subtitleTracks, chapterCount, hasCover, tags } = report;
  return {
    metadataVersion: METADATA_VERSION,
    container,
    mimeType: mediaType.type,
    size: source.size,
    durationSeconds,
    durationSource,
    bitRate: durationSeconds === null ? null : Math.round((source.size * 8) / durationSeconds),
    videoTracks,
    audioTracks,
    subtitleTracks,
    chapterCount,
    hasCover,
    nonStandardInput: diagnose(videoTracks, audioTracks),
    tags,
  };
}

function refuseAbsurd({ durationSeconds, videoTracks, audioTracks }: ProbeReport): void {
  const durations = [
    durationSeconds,
    ...[...videoTracks, ...audioTracks].map((t) => t.durationSeconds),
  ];
  if (!durations.every((each) => each === null || (each > 0 && each <= DURATION_SECONDS_MAX))) {
    throw corrupt('the file says that it lasts for no time, or for years');
  }
  const sides = videoTracks.flatMap((t) => [t.width, t.height, t.displayWidth, t.displayHeight]);
  if (!sides.every((side) => Number.isSafeInteger(side) && side > 0 && side <= SIDE_PIXELS_MAX)) {
    throw corrupt('the file has a picture without a size');
  }
}

function corrupt(detail: string): ForgeError {
  return new ForgeError('CORRUPT_MEDIA', 'permanent', detail);
}
