/** Each field of the metadata beside ffprobe's: a line per field. */
import type {
  AudioTrack,
  ImageMetadata,
  MediaMetadata,
  SubtitleTrack,
  VideoTrack,
} from '#domain/metadata.ts';
import type { FfprobeStream, FfprobeTruth } from './ask-ffprobe.ts';
import * as truth from './ffprobe-values.ts';

type Value = string | number | boolean | null;

/** What both say of one field, and whether that is the same. */
interface Compared {
  readonly field: string;
  readonly ours: Value;
  /** Null where ffprobe does not know, or does not say. */
  readonly theirs: Value;
  readonly same: boolean;
}

/** A disagreement: `silent` where we say null and ffprobe knows. */
export interface Difference extends Omit<Compared, 'same'> {
  readonly kind: 'silent' | 'differs';
}

type Field<Ours, Theirs> = readonly [
  field: keyof Ours & string,
  theirs: (theirs: Theirs) => Value,
  same?: (ours: Value, theirs: Value) => boolean,
];

const within =
  (share: number, least = 0) =>
  (ours: Value, theirs: Value): boolean =>
    Math.abs(Number(ours) - Number(theirs)) <= Math.max(least, Math.abs(Number(theirs)) * share);

const SECONDS = within(0, 0.002);

/** `Profile 0` and `0`, `Simple Profile` and `Simple`. */
const SAME_PROFILE = (ours: Value, theirs: Value): boolean =>
  bareProfile(ours) === bareProfile(theirs);

const bareProfile = (name: Value): string => String(name).replace(/^Profile | Profile$/, '');

const VIDEO: readonly Field<VideoTrack, FfprobeStream>[] = [
  ['codec', truth.codec],
  ['width', ({ width = null }) => width],
  ['height', ({ height = null }) => height],
  ['displayWidth', (stream) => truth.displaySize(stream)[0]],
  ['displayHeight', (stream) => truth.displaySize(stream)[1]],
  ['rotation', truth.rotation],
  ['pixelAspect', truth.pixelAspect],
  ['frameRate', truth.frameRate, within(0.0005)],
  ['frameRateMode', truth.frameRateMode],
  ['frameCount', ({ nb_read_packets }) => truth.number(nb_read_packets)],
  ['profile', truth.profile, SAME_PROFILE],
  ['level', truth.level, within(0)],
  ['scanType', truth.scanType],
  ['bitDepth', truth.bitDepth],
  ['chromaSubsampling', truth.chromaSubsampling],
  ['colourPrimaries', ({ color_primaries }) => truth.text(color_primaries)],
  ['colourTransfer', ({ color_transfer }) => truth.text(color_transfer)],
  ['colourMatrix', ({ color_space }) => truth.text(color_space)],
  ['colourRange', ({ color_range }) => truth.text(color_range)],
  ['hdr', truth.hdr],
  ['keyFrameSeconds', truth.keyFrameSeconds, SECONDS],
  ['bitRate', ({ bit_rate }) => truth.number(bit_rate), within(0.001)],
  ['durationSeconds', ({ duration }) => truth.number(duration), SECONDS],
  ['language', truth.language],
];

const AUDIO: readonly Field<AudioTrack, FfprobeStream>[] = [
  ['codec', truth.codec],
  ['profile', truth.profile],
  ['channels', ({ channels = null }) => channels],
  ['channelLayout', ({ channel_layout }) => truth.text(channel_layout)],
  ['sampleRate', ({ sample_rate }) => truth.number(sample_rate)],
  ['bitRate', ({ bit_rate }) => truth.number(bit_rate), within(0.001)],
  ['durationSeconds', ({ duration }) => truth.number(duration), SECONDS],
  ['language', truth.language],
];

const SUBTITLES: readonly Field<SubtitleTrack, FfprobeStream>[] = [
  ['codec', truth.codec],
  ['language', truth.language],
];

type Image = ImageMetadata['image'];

const IMAGE: readonly Field<Image, FfprobeStream>[] = [
  ['format', truth.imageFormat],
  ['width', ({ width = null }) => width],
  ['height', ({ height = null }) => height],
  ['displayWidth', ({ width = null }) => width],
  ['displayHeight', ({ height = null }) => height],
  ['pages', ({ nb_read_packets }) => truth.number(nb_read_packets)],
  ['hasAlpha', truth.hasAlpha],
  ['bitDepth', truth.bitDepth],
];

/** Everything on which the two do not agree. Where ffprobe says nothing there is nothing to agree on. */
export function differences(ours: MediaMetadata, theirs: FfprobeTruth): readonly Difference[] {
  return compare(ours, theirs)
    .filter(({ same }) => !same)
    .map(({ same: _, ...each }) => ({ ...each, kind: each.ours === null ? 'silent' : 'differs' }));
}

function compare(ours: MediaMetadata, theirs: FfprobeTruth): readonly Compared[] {
  const streams = theirs.streams.filter(({ disposition }) => disposition.attached_pic === 0);
  const kind = (type: string) => streams.filter(({ codec_type }) => codec_type === type);
  if (ours.kind === 'image') return tracks('image', IMAGE, [ours.image], kind('video').slice(0, 1));
  const subtitles = ours.subtitleTracks;
  return [
    ...whole(ours, theirs, streams.length < theirs.streams.length),
    ...tracks('video', VIDEO, ours.videoTracks, kind('video')),
    ...tracks('audio', AUDIO, ours.audioTracks, kind('audio')),
    ...(subtitles === null
      ? [compared('subtitles', null, kind('subtitle').length || null)]
      : tracks('subtitles', SUBTITLES, subtitles, kind('subtitle'))),
  ];
}

function whole(
  ours: Exclude<MediaMetadata, ImageMetadata>,
  { format, chapters }: FfprobeTruth,
  hasCover: boolean,
): readonly Compared[] {
  const { durationSeconds, bitRate, chapterCount, tags } = ours;
  const names = format.format_name.split(',');
  return [
    compared('container', ours.container, truth.container(names, ours.container)),
    compared('durationSeconds', durationSeconds, truth.number(format.duration), SECONDS),
    compared('bitRate', bitRate, truth.number(format.bit_rate), within(0.005)),
    compared('chapterCount', chapterCount, chapters.length || null),
    compared('hasCover', ours.hasCover, hasCover),
    ...['title', 'artist'].map((name) =>
      compared(`tags.${name}`, tags[name] ?? null, truth.tag(format.tags, name)),
    ),
  ];
}

function tracks<Ours>(
  kind: string,
  fields: readonly Field<Ours, FfprobeStream>[],
  ours: readonly Ours[],
  theirs: readonly FfprobeStream[],
): readonly Compared[] {
  if (ours.length !== theirs.length) return [compared(`${kind}.count`, ours.length, theirs.length)];
  return theirs.flatMap((stream, n) =>
    fields.map(([field, value, same]) =>
      compared(`${kind}.${field}`, toValue(ours[n]?.[field]), value(stream), same),
    ),
  );
}

function compared(
  field: string,
  ours: Value,
  theirs: Value,
  same: (ours: Value, theirs: Value) => boolean = (one, other) => one === other,
): Compared {
  const agree = theirs === null || (ours !== null && same(ours, theirs));
  return { field, ours, theirs, same: agree };
}

const toValue = (value: unknown): Value =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null;
