import type { AudioTrack, VideoTrack } from '#domain/metadata.ts';
import type { ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { type AviStream, readAviStreams } from './avi-index.ts';
import { readFlvTags } from './flv-tags.ts';
import { readFlvTail } from './flv-tail.ts';
import { parsing } from './media-fault.ts';
import { known } from './track-truth.ts';

/** A header and the last tag agree within a frame of sound, or a long one of pictures. */
const TAIL_SECONDS_MAX = 1;

/** What we count ourselves in a container of which MediaInfo guesses. */
export interface ContainerCounts {
  readonly duration?: Pick<ProbeReport, 'durationSeconds' | 'durationSource'>;
  /** In the order of the file. */
  readonly streams: readonly AviStream[];
}

/** Counts what index and tags tell; MediaInfo multiplies durations by rates where nobody tells it a number. */
export async function countContainer(
  source: MediaSource,
  container: string,
  signal: AbortSignal,
): Promise<ContainerCounts | null> {
  if (container === 'avi') {
    return { streams: await parsing(() => readAviStreams(source, signal)) };
  }
  return container === 'flv' ? parsing(() => countFlv(source, signal)) : null;
}

async function countFlv(source: MediaSource, signal: AbortSignal): Promise<ContainerCounts> {
  const { declaredSeconds, firstSeconds, video } = await readFlvTags(source, signal);
  const last = await readFlvTail(source, signal);
  const streams = [{ kind: 'video', ...video }] as const;
  const lasts = last === null ? null : last - firstSeconds;
  const isSound =
    declaredSeconds !== null &&
    (lasts === null || Math.abs(declaredSeconds - lasts) <= TAIL_SECONDS_MAX);
  return {
    streams,
    duration: isSound
      ? { durationSeconds: known(declaredSeconds, 6), durationSource: 'container' }
      : { durationSeconds: known(lasts, 3), durationSource: 'stream' },
  };
}

/** The report with what was counted in place of what was guessed; of streams that do not match its tracks nothing is taken. */
export function correct(report: ProbeReport, counts: ContainerCounts | null): ProbeReport {
  if (!counts) return report;
  const { duration, streams } = counts;
  const of = (kind: AviStream['kind']) => streams.filter((stream) => stream.kind === kind);
  return {
    ...report,
    ...(duration && duration.durationSeconds !== null && duration),
    videoTracks: pair(report.videoTracks, of('video'), (track, stream) => ({
      ...toTrack(track, stream),
      frameRate: steadyRate(stream) ?? track.frameRate,
      frameRateMode: stream.frameRateMode ?? null,
      frameCount: known(stream.frameCount),
      keyFrameSeconds: known(stream.keyFrameSeconds, 3),
    })),
    audioTracks: pair(report.audioTracks, of('audio'), toTrack),
  };
}

/** Of a rate that varies the header tells the usual one, where it tells any. */
function steadyRate({ frameRate, frameRateMode }: AviStream): number | null {
  return frameRateMode === 'constant' ? known(frameRate, 3) : null;
}

function toTrack<T extends VideoTrack | AudioTrack>(track: T, { bitRate }: AviStream): T {
  return { ...track, bitRate: known(bitRate) ?? track.bitRate };
}

function pair<T>(
  tracks: readonly T[],
  streams: readonly AviStream[],
  apply: (track: T, stream: AviStream) => T,
): readonly T[] {
  if (tracks.length !== streams.length) return tracks;
  return tracks.map((track, n) => apply(track, streams[n] ?? { kind: 'other' }));
}
