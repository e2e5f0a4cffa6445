import type { AudioTrack, NonStandardInput, NonStandardReason, VideoTrack } from './metadata.ts';

/** What every browser plays. */
const VIDEO_CODEC = 'h264';
const AUDIO_CODECS = ['aac', 'mp3'];

/** Seeking takes as long as decoding so much. */
const KEY_FRAME_SECONDS_MAX = 20;
const FRAME_RATE_MIN = 5;
const FRAME_RATE_MAX = 120;

/** The longer side of 2K; larger pictures need a better decoder than phones of a few years ago have. */
const SIDE_PIXELS_MAX = 2048;
const VIDEO_BIT_RATE_MAX = 16_000_000;

/**
 * What is unusual about a file, in the order of its tracks. What is not known counts as usual.
 *
 * The reasons and most bounds are those that Mux publishes as `non_standard_input_reasons`.
 */
export function diagnose(
  videoTracks: readonly VideoTrack[],
  audioTracks: readonly AudioTrack[],
): readonly NonStandardInput[] {
  return [...videoTracks.flatMap(diagnoseVideo), ...audioTracks.flatMap(diagnoseAudio)];
}

function diagnoseVideo(video: VideoTrack): NonStandardInput[] {
  const { frameRate, bitRate, keyFrameSeconds, pixelAspect } = video;
  const found: (readonly [NonStandardReason, string | false | null])[] = [
    ['video_codec', video.codec !== VIDEO_CODEC && video.codec],
    [
      'video_gop_size',
      keyFrameSeconds !== null && keyFrameSeconds > KEY_FRAME_SECONDS_MAX && `${keyFrameSeconds} s`,
    ],
    [
      'video_frame_rate',
      frameRate !== null &&
        (frameRate < FRAME_RATE_MIN || frameRate > FRAME_RATE_MAX) &&
        `${frameRate} Hz`,
    ],
    ['variable_frame_rate', video.frameRateMode === 'variable' && 'variable'],
    [
      'video_resolution',
      Math.max(video.width, video.height) > SIDE_PIXELS_MAX && `${video.width}x${video.height}`,
    ],
    ['video_bitrate', bitRate !== null && bitRate > VIDEO_BIT_RATE_MAX && `${bitRate} bit/s`],
    ['pixel_aspect_ratio', pixelAspect !== '1:1' && pixelAspect],
    ['unsupported_pixel_format', unusualPixels(video)],
    ['interlaced', video.scanType === 'interlaced' && 'interlaced'],
    ['hdr', video.hdr !== 'sdr' && video.hdr],
    ['video_edit_list', video.hasEdits && 'edits'],
  ];
  return tell(video.index, found);
}

function diagnoseAudio({ index, codec, hasEdits }: AudioTrack): NonStandardInput[] {
  return tell(index, [
    ['audio_codec', codec !== null && !AUDIO_CODECS.includes(codec) && codec],
    ['audio_edit_list', hasEdits && 'edits'],
  ]);
}

/** What hardware decodes is 8 bits and 4:2:0. */
function unusualPixels({ bitDepth, chromaSubsampling }: VideoTrack): string | false {
  const usual = (bitDepth ?? 8) === 8 && (chromaSubsampling ?? '4:2:0') === '4:2:0';
  return !usual && [chromaSubsampling, bitDepth && `${bitDepth} bit`].filter(Boolean).join(' ');
}

function tell(
  track: number,
  found: readonly (readonly [NonStandardReason, string | false | null])[],
): NonStandardInput[] {
  return found.flatMap(([reason, value]) => (value ? [{ reason, track, value }] : []));
}
