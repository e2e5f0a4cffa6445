/** Where a duration comes from; `estimated` is a computation from bit rate and size. */
export type DurationSource = 'container' | 'stream' | 'estimated';

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
  /** Pixels as shown: after pixel aspect and rotation. */
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** Clockwise degrees to turn the picture for display: 0, 90, 180 or 270. */
  readonly rotation: number;
  /** Width to height of one pixel, as `16:15`. */
  readonly pixelAspect: string | null;
  /** Frames per second, mean over the track. */
  readonly frameRate: number | null;
  readonly frameCount: number | null;
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
  /** Hertz. */
  readonly sampleRate: number | null;
  /** Bits per second. */
  readonly bitRate: number | null;
  readonly durationSeconds: number | null;
  /** ISO 639-2/T; null for `und`. */
  readonly language: string | null;
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
}

interface Described {
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
  /** Allow-listed, cleaned and capped: `title`, `artist`, `album`, … */
  readonly tags: Readonly<Record<string, string>>;
}

/** What StreamForge says about a video. */
export interface VideoMetadata extends Timed {
  readonly kind: 'video';
}

/** What StreamForge says about an audio file; a cover picture is no video track. */
export interface AudioMetadata extends Timed {
  readonly kind: 'audio';
  readonly hasCover: boolean;
}

/** What StreamForge says about an image. */
export interface ImageMetadata extends Described {
  readonly kind: 'image';
  readonly image: ImageFacts;
}

/** What StreamForge says about a file. */
export type MediaMetadata = VideoMetadata | AudioMetadata | ImageMetadata;
