import type { AudioTrack, VideoTrack } from '#domain/metadata.ts';
import type { ProbeReport } from '#ports/media-probe.ts';

/** What a second engine may add: how frames are coded. Amounts are of the part that it has seen, and stay the first one's. */
const VIDEO_FIELDS = [
  'codec',
  'profile',
  'level',
  'scanType',
  'bitDepth',
  'chromaSubsampling',
  'colourPrimaries',
  'colourTransfer',
  'colourMatrix',
  'colourRange',
  'hdr',
] as const satisfies readonly (keyof VideoTrack)[];

const AUDIO_FIELDS = [
  'codec',
  'profile',
  'channels',
  'channelLayout',
  'sampleRate',
] as const satisfies readonly (keyof AudioTrack)[];

/**
 * One report of two, field by field, by one rule: what the first engine says stands, and where it is silent (null) on a field
 * that is told by a codec's headers, the second one's word is taken.
 *
 * Tracks are the same where both engines found as many of the kind, and agree on codec and coded size, or on codec and
 * channels; of one that they do not agree on, nothing is added.
 */
export function mergeReports(first: ProbeReport, second: ProbeReport): ProbeReport {
  return {
    ...first,
    engine: `${first.engine}+${second.engine}`,
    videoTracks: pair(first.videoTracks, second.videoTracks, (one, other) =>
      isSameVideo(one, other) ? fill(one, other, VIDEO_FIELDS) : one,
    ),
    audioTracks: pair(first.audioTracks, second.audioTracks, (one, other) =>
      isSameAudio(one, other) ? fill(one, other, AUDIO_FIELDS) : one,
    ),
    subtitleTracks: first.subtitleTracks ?? second.subtitleTracks,
    chapterCount: first.chapterCount ?? second.chapterCount,
  };
}

function pair<T>(
  first: readonly T[],
  second: readonly T[],
  merge: (one: T, other: T) => T,
): readonly T[] {
  if (first.length !== second.length) return first;
  return first.map((one, i) => merge(one, second[i] ?? one));
}

function isSameVideo(one: VideoTrack, other: VideoTrack): boolean {
  return isSame(one.codec, other.codec) && one.width === other.width && one.height === other.height;
}

function isSameAudio(one: AudioTrack, other: AudioTrack): boolean {
  return isSame(one.codec, other.codec) && isSame(one.channels, other.channels);
}

/** What one of them does not know is no contradiction. */
function isSame<T>(one: T | null, other: T | null): boolean {
  return one === null || other === null || one === other;
}

function fill<T, K extends keyof T>(one: T, other: T, fields: readonly K[]): T {
  const added = fields.filter((field) => one[field] === null).map((field) => [field, other[field]]);
  return { ...one, ...Object.fromEntries(added) };
}
