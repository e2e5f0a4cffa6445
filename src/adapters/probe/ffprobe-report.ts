import type { AudioTrack, DurationSource, SubtitleTrack, VideoTrack } from '#domain/metadata.ts';
import type { ProbeReport } from '#ports/media-probe.ts';
import { codecOfFfprobe } from './codec-names.ts';
import { pictureOfFfprobe, said } from './ffprobe-picture.ts';
import { corrupt, tooComplex, unsupported } from './media-fault.ts';
import { cleanTags } from './tags.ts';
import {
  displaySize,
  known,
  knownLanguage,
  lowestTerms,
  quarterTurns,
  type Ratio,
  ratioText,
  TRACKS_MAX,
  UNTOLD_VIDEO,
} from './track-truth.ts';

/** Our containers by the names of the demuxers that read them: only these are let in. */
const CONTAINERS: Readonly<Record<string, readonly string[]>> = {
  'mov,mp4,m4a,3gp,3g2,mj2': ['mp4', 'mov'],
  'matroska,webm': ['matroska', 'webm'],
  mpegts: ['mpegts'],
  avi: ['avi'],
  flv: ['flv'],
  ogg: ['ogg'],
  mp3: ['mp3'],
  aac: ['adts'],
  wav: ['wav'],
  flac: ['flac'],
};

/** What ffprobe may open: every name it knows the demuxers above by. */
export const FORMAT_WHITELIST = Object.keys(CONTAINERS).join(',');

/** Fields that are asked for: never all of them, because some files have 60 000 chapters. */
export const ENTRIES = [
  'format=format_name,duration',
  'format_tags=title,artist,album,album_artist,genre,date,comment,description,composer,copyright,track,disc',
  'stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,r_frame_rate,nb_frames,bit_rate,duration,channels,channel_layout,sample_rate',
  'stream=profile,level,field_order,pix_fmt,color_range,color_space,color_transfer,color_primaries',
  'stream_tags=language,rotate',
  'stream_disposition=attached_pic',
  'chapter=id',
].join(':');

/** Since version 5 the rotation is here and no longer a tag; version 4 does not know the name. */
export const ENTRIES_SINCE_5 = `${ENTRIES}:stream_side_data=rotation`;

type Fields = Readonly<Record<string, unknown>>;

/** Durations that ffprobe has no header for: it reads timestamps, or divides the size by the bit rate. */
const NOT_FROM_A_HEADER: Readonly<Record<string, DurationSource>> = {
  adts: 'estimated',
  mpegts: 'stream',
  ogg: 'stream',
};

/**
 * A report from ffprobe's JSON, where it makes sense.
 *
 * @throws ForgeError `UNSUPPORTED_CONTAINER`, `CORRUPT_MEDIA` or `MEDIA_TOO_COMPLEX`.
 */
export function parseFfprobe(json: string, sniffed: string): ProbeReport {
  const output = fields(parseJson(json));
  const format = fields(output['format']);
  const candidates = CONTAINERS[text(format['format_name'])];
  if (!candidates) throw unsupported('ffprobe does not know the container');
  const container = candidates.includes(sniffed) ? sniffed : (candidates[0] ?? sniffed);
  const streams = list(output['streams']).map(fields);
  const covers = streams.filter((stream) => fields(stream['disposition'])['attached_pic'] === 1);
  const tracks = streams.filter((stream) => !covers.includes(stream));
  if (tracks.length > TRACKS_MAX) throw tooComplex(`${tracks.length} tracks`);
  const videoTracks = tracks
    .filter(isKind('video'))
    .map(toVideo)
    // The header of an AVI counts frames that are empty.
    .map((track) => (container === 'avi' ? { ...track, frameCount: null } : track));
  const audioTracks = tracks.filter(isKind('audio')).map(toAudio);
  if (videoTracks.length + audioTracks.length === 0) throw corrupt('there is no track in the file');
  const declared = seconds(format['duration']);
  const longest = Math.max(
    0,
    ...[...videoTracks, ...audioTracks].map((t) => t.durationSeconds ?? 0),
  );
  const durationSeconds = declared ?? known(longest, 6);
  const from = declared === null ? 'stream' : (NOT_FROM_A_HEADER[container] ?? 'container');
  return {
    engine: 'ffprobe',
    container,
    durationSeconds,
    durationSource: durationSeconds === null ? null : from,
    videoTracks,
    audioTracks,
    subtitleTracks: tracks.filter(isKind('subtitle')).map(toSubtitle),
    chapterCount: list(output['chapters']).length,
    hasCover: covers.length > 0,
    tags: toTags(fields(format['tags'])),
  };
}

const isKind = (kind: string) => (stream: Fields) => stream['codec_type'] === kind;

function toVideo(stream: Fields): VideoTrack {
  const coded = { width: number(stream['width']) ?? 0, height: number(stream['height']) ?? 0 };
  const pixelAspect = lowestTerms(ratio(stream['sample_aspect_ratio'], ':'));
  const rotation = quarterTurns(readRotation(stream));
  return {
    ...UNTOLD_VIDEO,
    ...toTrack(stream),
    ...coded,
    ...displaySize(coded, pixelAspect, rotation),
    rotation,
    pixelAspect: ratioText(pixelAspect),
    frameRate: frameRate(stream['avg_frame_rate']) ?? frameRate(stream['r_frame_rate']),
    frameCount: known(number(stream['nb_frames'])),
    ...pictureOfFfprobe(stream),
  };
}

function toAudio(stream: Fields): AudioTrack {
  return {
    ...toTrack(stream),
    profile: said(stream['profile']),
    channels: known(number(stream['channels'])),
    channelLayout: said(stream['channel_layout'])?.replace('(side)', '') ?? null,
    hasEdits: null,
    sampleRate: known(number(stream['sample_rate'])),
  };
}

function toSubtitle(stream: Fields): SubtitleTrack {
  const { index, codec, language } = toTrack(stream);
  return { index, codec, language };
}

/** What all kinds of track have. */
function toTrack(stream: Fields) {
  return {
    index: number(stream['index']) ?? 0,
    codec: codecOfFfprobe(text(stream['codec_name'])),
    codecString: null,
    bitRate: known(number(stream['bit_rate'])),
    durationSeconds: seconds(stream['duration']),
    language: knownLanguage(text(fields(stream['tags'])['language'])),
  };
}

/** The side data counts counterclockwise, the older tag clockwise. */
function readRotation(stream: Fields): number {
  const sideData = list(stream['side_data_list']).map((each) => number(fields(each)['rotation']));
  const counterclockwise = sideData.find((each) => each !== null);
  return counterclockwise !== null && counterclockwise !== undefined
    ? -counterclockwise
    : (number(fields(stream['tags'])['rotate']) ?? 0);
}

function toTags(raw: Fields): Readonly<Record<string, string>> {
  // Matroska writes names in capitals.
  const tags = new Map(
    Object.entries(raw).map(([name, value]) => [name.toLowerCase(), text(value)]),
  );
  return cleanTags({
    title: tags.get('title'),
    artist: tags.get('artist'),
    album: tags.get('album'),
    albumArtist: tags.get('album_artist'),
    genre: tags.get('genre'),
    date: tags.get('date'),
    comment: tags.get('comment'),
    description: tags.get('description'),
    composer: tags.get('composer'),
    copyright: tags.get('copyright'),
    trackNumber: tags.get('track')?.split('/')[0],
    discNumber: tags.get('disc')?.split('/')[0],
  });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw corrupt('ffprobe could not read the file', cause);
  }
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number | null {
  const parsed = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : null;
}

function seconds(value: unknown): number | null {
  return known(number(value), 6);
}

function ratio(value: unknown, separator: string): Ratio {
  const [a, b] = text(value).split(separator).map(Number);
  return [a ?? 0, b ?? 0];
}

function frameRate(value: unknown): number | null {
  const [frames, per] = ratio(value, '/');
  return known(frames / per, 3);
}
