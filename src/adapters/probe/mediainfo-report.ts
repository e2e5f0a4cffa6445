import type { AudioTrack, SubtitleTrack, VideoTrack } from '#domain/metadata.ts';
import type { ProbeReport } from '#ports/media-probe.ts';
import { corrupt, tooComplex, unsupported } from './media-fault.ts';
import { MediainfoFields } from './mediainfo-fields.ts';
import {
  codecOfMediainfo,
  coloursOf,
  containersOf,
  hdrKind,
  layoutOf,
  scanOf,
} from './mediainfo-names.ts';
import {
  displaySize,
  known,
  knownLanguage,
  plainLayout,
  quarterTurns,
  ratioText,
  simplestRatio,
  TRACKS_MAX,
  UNTOLD_VIDEO,
} from './track-truth.ts';

/** Where whether the rate varies can be told; elsewhere MediaInfo takes rounded timestamps for rates that vary. */
const TELLS_RATE_MODE = ['matroska', 'webm', 'flv'];

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
  const candidates = containersOf(general?.text('Format') ?? '');
  if (!general || !candidates) throw unsupported('MediaInfo does not know the container');
  const container = candidates.includes(sniffed) ? sniffed : (candidates[0] ?? sniffed);
  const tracks = [...of('Video'), ...of('Audio'), ...of('Text')];
  if (tracks.length > TRACKS_MAX) throw tooComplex(`${tracks.length} tracks`);
  // An AVI says in its first bytes how much there is of each; elsewhere it counts edits twice, or what it has seen.
  const amounts = container === 'avi';
  const chapters = Math.max(0, ...of('Menu').map((each) => each.chapters()));
  const tellsRateMode = TELLS_RATE_MODE.includes(container);
  // It numbers the tracks of some containers only; where it does not, pictures come first.
  const indexOf = (track: MediainfoFields) => track.number('StreamOrder') ?? tracks.indexOf(track);
  const videoTracks = of('Video').map((each) => {
    const track = toVideo(each, indexOf(each), amounts);
    return tellsRateMode ? track : { ...track, frameRateMode: null };
  });
  const audioTracks = of('Audio').map((each) => toAudio(each, indexOf(each), amounts));
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

function toVideo(track: MediainfoFields, index: number, amounts: boolean): VideoTrack {
  const coded = { width: track.number('Width') ?? 0, height: track.number('Height') ?? 0 };
  const rotation = quarterTurns(track.number('Rotation') ?? 0);
  const pixelAspect = simplestRatio(track.number('PixelAspectRatio'));
  const codec = codecOf(track);
  const colours = coloursOf(
    track.text('colour_primaries'),
    track.text('transfer_characteristics'),
    track.text('matrix_coefficients'),
    track.text('colour_range'),
  );
  const mode = track.text('FrameRate_Mode');
  return {
    ...UNTOLD_VIDEO,
    index,
    codec,
    codecString: null,
    ...coded,
    ...displaySize(coded, pixelAspect, rotation),
    rotation,
    pixelAspect: ratioText(pixelAspect),
    frameRate: known(track.number('FrameRate'), 3),
    frameRateMode: mode === 'CFR' ? 'constant' : mode === 'VFR' ? 'variable' : null,
    frameCount: amounts ? known(track.number('FrameCount')) : null,
    profile: profileOf(track.text('Format_Profile')),
    level: track.text('Format_Level') || null,
    scanType: scanOf(track.text('ScanType'), codec),
    bitDepth: known(track.number('BitDepth')),
    chromaSubsampling: /^4:\d:\d/.exec(track.text('ChromaSubsampling'))?.[0] ?? null,
    ...colours,
    hdr: hdrKind(
      track.whole('HDR_Format'),
      track.whole('HDR_Format_Compatibility'),
      colours.colourTransfer,
    ),
    bitRate: null,
    durationSeconds: track.guesses('Duration') ? null : seconds(track),
    language: language(track),
  };
}

function toAudio(track: MediainfoFields, index: number, amounts: boolean): AudioTrack {
  // What the codec says, where the container says something else.
  const channels = track.number('Channels_Original') ?? track.number('Channels');
  const layout = track.text('ChannelLayout_Original') || track.text('ChannelLayout');
  const codec = codecOf(track);
  return {
    index,
    codec,
    codecString: null,
    profile: codec === 'aac' ? aacProfile(track.whole('Format_AdditionalFeatures')) : null,
    channels: known(channels),
    channelLayout: layoutOf(layout) ?? plainLayout(channels),
    sampleRate: known(track.number('SamplingRate')),
    bitRate: amounts ? known(track.number('BitRate')) : null,
    durationSeconds: track.guesses('Duration') ? null : seconds(track),
    language: language(track),
    hasEdits: null,
  };
}

function toSubtitle(track: MediainfoFields, index: number): SubtitleTrack {
  return { index, codec: codecOf(track), language: language(track) };
}

function codecOf(track: MediainfoFields): string | null {
  return codecOfMediainfo({
    format: track.text('Format'),
    version: /\d/.exec(track.text('Format_Version'))?.[0] ?? '',
    profile: track.text('Format_Profile'),
    id: track.text('CodecID'),
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

function seconds(track: MediainfoFields): number | null {
  return known(track.number('Duration'), 6);
}

/** The third form of it is the code of three letters. */
function language(track: MediainfoFields): string | null {
  return knownLanguage(track.text('Language_String3'));
}
