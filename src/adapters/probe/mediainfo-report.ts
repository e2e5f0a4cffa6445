import type { AudioTrack, SubtitleTrack, VideoTrack } from '#domain/metadata.ts';
import type { ProbeReport } from '#ports/media-probe.ts';
import { layoutByCodec } from './channel-layouts.ts';
import { corrupt, tooComplex, unsupported } from './media-fault.ts';
import { MediainfoFields } from './mediainfo-fields.ts';
import {
  codecOfMediainfo,
  coloursOf,
  containersOf,
  FLV_HERTZ,
  hdrKind,
  layoutOf,
  pcmOf,
  scanOf,
} from './mediainfo-names.ts';
import {
  displaySize,
  known,
  knownLanguage,
  quarterTurns,
  ratioText,
  simplestRatio,
  TRACKS_MAX,
  UNTOLD_VIDEO,
} from './track-truth.ts';

const MAY_END_WITH_CHAPTERS = ['matroska', 'webm'];

/** How MediaInfo was read. */
export interface MediainfoReading {
  /** What the magic bytes say. */
  readonly sniffed: string;
  /** Whether it wanted more than it was given. */
  readonly cut: boolean;
}

/**
 * A report from MediaInfo's JSON, where it makes sense.
 *
 * @throws ForgeError `UNSUPPORTED_CONTAINER`, `CORRUPT_MEDIA` or `MEDIA_TOO_COMPLEX`.
 */
export function parseMediainfo(json: string, { sniffed, cut }: MediainfoReading): ProbeReport {
  const all = MediainfoFields.all(json);
  const of = (kind: string) => all.filter((each) => each.text('@type') === kind);
  const [general] = of('General');
  const candidates = general && containersOf(formatOf(general));
  if (!candidates) throw unsupported('MediaInfo does not know the container');
  const container = candidates.includes(sniffed) ? sniffed : (candidates[0] ?? sniffed);
  const tracks = [...of('Video'), ...of('Audio'), ...of('Text')];
  if (tracks.length > TRACKS_MAX) throw tooComplex(`${tracks.length} tracks`);
  const chapters = Math.max(0, ...of('Menu').map((each) => each.chapters()));
  // It numbers the tracks of some containers only; where it does not, pictures come first.
  const indexOf = (track: MediainfoFields) => track.number('StreamOrder') ?? tracks.indexOf(track);
  const videoTracks = of('Video').map((each) => toVideo(each, indexOf(each), container));
  const audioTracks = of('Audio').map((each) => toAudio(each, indexOf(each), container));
  if (videoTracks.length + audioTracks.length === 0) throw corrupt('there is no track in the file');
  const durationSeconds = seconds(general);
  return {
    engine: 'mediainfo',
    container,
    durationSeconds,
    durationSource: durationSeconds === null ? null : 'container',
    videoTracks,
    audioTracks,
    subtitleTracks: of('Text').map((each) => toSubtitle(each, indexOf(each))),
    // They may be told at the end; an MP4 that has told its tracks has told them.
    chapterCount:
      chapters === 0 && cut && MAY_END_WITH_CHAPTERS.includes(container) ? null : chapters,
    hasCover: general.text('Cover') === 'Yes' || of('Image').length > 0,
    tags: general.tags(),
  };
}

/** An MP4 of a brand that it does not know it calls by that. */
function formatOf(general: MediainfoFields): string {
  const format = general.text('Format');
  return format !== '' && format === general.text('CodecID') ? 'MPEG-4' : format;
}

function toVideo(track: MediainfoFields, index: number, container: string): VideoTrack {
  const shown = { width: track.number('Width') ?? 0, height: track.number('Height') ?? 0 };
  // Of a picture that its container crops, it calls the whole one so.
  const coded = {
    width: track.number('Sampled_Width') ?? shown.width,
    height: track.number('Sampled_Height') ?? shown.height,
  };
  const rotation = quarterTurns(track.number('Rotation') ?? 0);
  const pixelAspect = simplestRatio(track.number('PixelAspectRatio'));
  const codec = codecOf(track);
  const colours = coloursOf(
    track.text('colour_primaries'),
    track.text('transfer_characteristics'),
    track.text('matrix_coefficients'),
    track.text('colour_range'),
  );
  return {
    ...UNTOLD_VIDEO,
    index,
    codec,
    codecString: null,
    ...coded,
    ...displaySize(shown, pixelAspect, rotation),
    rotation,
    pixelAspect: ratioText(pixelAspect),
    frameRate: known(track.number('FrameRate'), 3),
    // What it says of whether the rate varies, and of how many frames there are, it has from headers that are wrong of both.
    frameCount: null,
    profile: profileOf(track.text('Format_Profile')),
    level: track.text('Format_Level') || null,
    scanType: scanOf(track.text('ScanType')),
    bitDepth: known(track.number('BitDepth')),
    chromaSubsampling: chromaOf(track, codec),
    ...colours,
    hdr: hdrKind(
      track.whole('HDR_Format'),
      track.whole('HDR_Format_Compatibility'),
      colours.colourTransfer,
    ),
    bitRate: null,
    durationSeconds: lengthOf(track, container),
    language: language(track),
  };
}

function toAudio(track: MediainfoFields, index: number, container: string): AudioTrack {
  // What the codec says, where the container says something else.
  const channels = track.number('Channels_Original') ?? track.number('Channels');
  const layout = track.text('ChannelLayout_Original') || track.text('ChannelLayout');
  const codec = codecOf(track);
  const fixed = container === 'flv' ? FLV_HERTZ[track.text('CodecID')] : undefined;
  return {
    index,
    codec,
    codecString: null,
    profile: codec === 'aac' ? aacProfile(track.whole('Format_AdditionalFeatures')) : null,
    channels: known(channels),
    channelLayout: layoutOf(layout) ?? layoutByCodec(codec, channels),
    sampleRate: known(fixed ?? track.number('SamplingRate')),
    bitRate: null,
    durationSeconds: lengthOf(track, container),
    language: language(track),
    hasEdits: null,
  };
}

/** Of JPEG 2000 it takes the number of components for how they are sampled. */
function chromaOf(track: MediainfoFields, codec: string | null): string | null {
  if (codec === 'jpeg2000') return null;
  return /^4:\d:\d/.exec(track.text('ChromaSubsampling'))?.[0] ?? null;
}

function toSubtitle(track: MediainfoFields, index: number): SubtitleTrack {
  return { index, codec: codecOf(track), language: language(track) };
}

function codecOf(track: MediainfoFields): string | null {
  if (track.text('Format') === 'PCM') {
    return pcmOf({
      bits: known(track.number('BitDepth')),
      endianness: track.text('Format_Settings_Endianness'),
      sign: track.text('Format_Settings_Sign'),
      profile: track.text('Format_Profile'),
    });
  }
  return codecOfMediainfo({
    format: track.text('Format'),
    version: /\d/.exec(track.text('Format_Version'))?.[0] ?? '',
    profile: track.text('Format_Profile'),
    // Some containers say by two ids what it is.
    id: track.whole('CodecID').split(' / ').at(-1) ?? '',
    firm: track.text('Format_Settings_Firm'),
  });
}

/** Those of VP9 are numbers. */
function profileOf(profile: string): string | null {
  return /^\d$/.test(profile) ? `Profile ${profile}` : profile || null;
}

function aacProfile(features: string): string | null {
  const parts = features.split(' ');
  if (parts.includes('PS')) return 'HE-AACv2';
  if (parts.includes('SBR')) return 'HE-AAC';
  return parts.includes('LC') ? 'LC' : null;
}

/** An AVI says in its first bytes how long each is; of an FLV it computes that from rates. */
function lengthOf(track: MediainfoFields, container: string): number | null {
  return container === 'flv' || track.guesses('Duration') ? null : seconds(track);
}

function seconds(track: MediainfoFields): number | null {
  return known(track.number('Duration'), 6);
}

/** The third form of it is the code of three letters. */
function language(track: MediainfoFields): string | null {
  return knownLanguage(track.text('Language_String3'));
}
