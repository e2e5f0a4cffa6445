/** Version of the shapes below. Fields are added, never renamed; results of before there was a version are of version 1. */
export const METADATA_VERSION = 2;

/** Where a duration comes from; `estimated` is a computation from bit rate and size. */
export type DurationSource = 'container' | 'stream' | 'estimated';

/** Whether frames come at equal distances. */
export type FrameRateMode = 'constant' | 'variable';

/** Whole frames, or every second line at a time. */
export type ScanType = 'progressive' | 'interlaced';

/** The dynamic range of a picture; `pq` is SMPTE ST 2084 without the mastering data that make it HDR10. */
export type HdrKind = 'sdr' | 'pq' | 'hdr10' | 'hdr10plus' | 'hlg' | 'dolby-vision';

/** One video track. Unknown is null, never a guess. */
export interface VideoTrack {
  readonly index: number;
  /** Short name: `h264`, `hevc`, `vp9`, `av1`, … */
  readonly codec: string | null;
  /** RFC 6381 codec string, with profile and level: `avc1.64001f`. */
  readonly codecString: string | null;
  /** Pixels as coded. */
  readonly width: number;
  readonly height: number;
  /** Pixels as shown: after cropping by the container, pixel aspect and rotation. */
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** Clockwise degrees to turn the picture for display: 0, 90, 180 or 270. */
  readonly rotation: number;
  /** Width to height of one pixel, as `16:15`. */
  readonly pixelAspect: string | null;
  /** Frames per second, mean over the track. */
  readonly frameRate: number | null;
  readonly frameCount: number | null;
  /** Whether the frame rate is that of every frame, or only their mean. */
  readonly frameRateMode: FrameRateMode | null;
  /** As the codec's standard spells them: `High`, `Main 10`; `4.1`. */
  readonly profile: string | null;
  readonly level: string | null;
  readonly scanType: ScanType | null;
  /** Bits of one component. */
  readonly bitDepth: number | null;
  /** `4:2:0`, `4:2:2`, `4:4:4`, `4:0:0`. */
  readonly chromaSubsampling: string | null;
  /** As ffmpeg spells the values of ITU-T H.273: `bt709`, `bt2020`; `smpte2084`; `bt2020nc`; `tv` or `pc`. */
  readonly colourPrimaries: string | null;
  readonly colourTransfer: string | null;
  readonly colourMatrix: string | null;
  readonly colourRange: 'tv' | 'pc' | null;
  readonly hdr: HdrKind | null;
  /** Seconds between key frames, the longest there is. */
  readonly keyFrameSeconds: number | null;
  /** Whether an edit list does more than cut off what encoders put in front: pauses, pieces, another speed. */
  readonly hasEdits: boolean | null;
  /** Bits per second. */
  readonly bitRate: number | null;
  readonly durationSeconds: number | null;
  /** ISO 639-2/T; null for `und`. */
  readonly language: string | null;
}

/** One audio track. Unknown is null, never a guess. */
export interface AudioTrack {
  readonly index: number;
  /** Short name: `aac`, `opus`, `mp3`, `flac`, `pcm-s16`, … */
  readonly codec: string | null;
  readonly codecString: string | null;
  readonly channels: number | null;
  /** As the codec's standard spells it: `LC`, `HE-AACv2`. */
  readonly profile: string | null;
  /** As ffmpeg spells it: `mono`, `stereo`, `5.1`; surround at the side or behind is not told apart. */
  readonly channelLayout: string | null;
  /** Hertz. */
  readonly sampleRate: number | null;
  /** Bits per second. */
  readonly bitRate: number | null;
  readonly durationSeconds: number | null;
  /** ISO 639-2/T; null for `und`. */
  readonly language: string | null;
  /** Whether an edit list does more than cut off what encoders put in front. */
  readonly hasEdits: boolean | null;
}

/** One track of subtitles or captions. */
export interface SubtitleTrack {
  readonly index: number;
  /** Short name: `mov_text`, `subrip`, `ass`, `webvtt`, `dvd_subtitle`, `hdmv_pgs_subtitle`, … */
  readonly codec: string | null;
  /** ISO 639-2/T; null for `und`. */
  readonly language: string | null;
}

/** What a camera writes of itself and of the moment. */
export interface CameraFacts {
  readonly make: string | null;
  readonly model: string | null;
  readonly lens: string | null;
  readonly exposureSeconds: number | null;
  /** The f-number: 1.8 for f/1.8. */
  readonly aperture: number | null;
  readonly iso: number | null;
  readonly focalLengthMm: number | null;
  readonly flash: boolean | null;
}

/** A place, in degrees; north and east are positive. */
export interface GpsFacts {
  readonly latitude: number;
  readonly longitude: number;
  /** Above sea level. */
  readonly altitudeMetres: number | null;
}

/** What an image shows and how it is stored. */
export interface ImageFacts {
  /** `jpeg`, `png`, `webp`, `gif`, `avif`, … */
  readonly format: string;
  /** Pixels as coded. */
  readonly width: number;
  readonly height: number;
  /** Pixels as shown: after EXIF orientation. */
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** EXIF orientation, 1–8; null where the file has none. */
  readonly orientation: number | null;
  readonly pages: number;
  readonly hasAlpha: boolean;
  readonly colourSpace: string | null;
  readonly bitDepth: number | null;
  /** Null where there is no EXIF of a camera. */
  readonly camera: CameraFacts | null;
  /** ISO 8601; with an offset where the camera knew its own, local time otherwise. */
  readonly capturedAt: string | null;
  /** Null unless `KEEP_GPS=true`, whatever the file says. */
  readonly gps: GpsFacts | null;
}

/** Why a file is harder to play or to transcode than an ordinary one. */
export type NonStandardReason =
  | 'video_codec'
  | 'audio_codec'
  | 'video_gop_size'
  | 'video_frame_rate'
  | 'variable_frame_rate'
  | 'video_resolution'
  | 'video_bitrate'
  | 'pixel_aspect_ratio'
  | 'unsupported_pixel_format'
  | 'interlaced'
  | 'hdr'
  | 'video_edit_list'
  | 'audio_edit_list';

/** One such reason, and the value that is one. */
export interface NonStandardInput {
  readonly reason: NonStandardReason;
  /** The track's `index`. */
  readonly track: number;
  /** As text, with its unit where it has one: `hevc`, `24 s`, `4:2:2 10 bit`. */
  readonly value: string;
}

interface Described {
  /** {@link METADATA_VERSION} of when it was written. */
  readonly metadataVersion: number;
  /** `mp4`, `mov`, `webm`, `matroska`, `mp3`, `jpeg`, … */
  readonly container: string;
  /** The verified media type, canonical spelling. */
  readonly mimeType: string;
  /** Bytes. */
  readonly size: number;
  readonly strategy: string;
  readonly strategyVersion: number;
}

interface Timed extends Described {
  readonly durationSeconds: number | null;
  readonly durationSource: DurationSource | null;
  /** Bits per second of the whole file. */
  readonly bitRate: number | null;
  readonly videoTracks: readonly VideoTrack[];
  readonly audioTracks: readonly AudioTrack[];
  /** Null where nobody has looked for any. */
  readonly subtitleTracks: readonly SubtitleTrack[] | null;
  /** 0 where there are none, null where nobody has looked. */
  readonly chapterCount: number | null;
  /** Whether a picture goes with it: a cover is no video track. */
  readonly hasCover: boolean;
  /** What makes the file harder to play or to transcode than an ordinary one; empty where nothing does. */
  readonly nonStandardInput: readonly NonStandardInput[];
  /** Allow-listed, cleaned and capped: `title`, `artist`, `album`, … */
  readonly tags: Readonly<Record<string, string>>;
}

/** What StreamForge says about a video. */
export interface VideoMetadata extends Timed {
  readonly kind: 'video';
}

/** What StreamForge says about an audio file. */
export interface AudioMetadata extends Timed {
  readonly kind: 'audio';
}

/** What StreamForge says about an image. */
export interface ImageMetadata extends Described {
  readonly kind: 'image';
  readonly image: ImageFacts;
}

/** What StreamForge says about a file. */
export type MediaMetadata = VideoMetadata | AudioMetadata | ImageMetadata;
