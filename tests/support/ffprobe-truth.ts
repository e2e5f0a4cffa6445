/** A stream as ffprobe describes it; numbers are text, as in its JSON. */
export interface FfprobeStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly avg_frame_rate?: string;
  readonly nb_frames?: string;
  readonly bit_rate?: string;
  readonly duration?: string;
  readonly channels?: number;
  readonly sample_rate?: string;
  readonly language?: string;
  /** Counterclockwise. */
  readonly rotation?: number;
  readonly attached_pic?: number;
}

/** What ffprobe says of a file. */
export interface FfprobeTruth {
  readonly format: { readonly format_name: string; readonly duration: string };
  readonly streams: readonly FfprobeStream[];
}

/** What ffprobe 5.1.9 says of the samples and fixtures, as captured when `tools/make-samples.sh` made them. */
export const FFPROBE_TRUTH: Readonly<Record<string, FfprobeTruth>> = {
  'clip.mp4': {
    format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', duration: '4.000000' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 480,
        height: 270,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '30/1',
        duration: '4.000000',
        bit_rate: '118890',
        nb_frames: '120',
        language: 'und',
      },
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 2,
        duration: '4.000000',
        bit_rate: '47940',
        nb_frames: '189',
        language: 'deu',
      },
    ],
  },
  'clip.webm': {
    format: { format_name: 'matroska,webm', duration: '4.008000' },
    streams: [
      {
        codec_name: 'vp9',
        codec_type: 'video',
        width: 480,
        height: 270,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
      },
      { codec_name: 'opus', codec_type: 'audio', sample_rate: '48000', channels: 1 },
    ],
  },
  'tone.mp3': {
    format: { format_name: 'mp3', duration: '6.024000' },
    streams: [
      {
        codec_name: 'mp3',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '6.024000',
        bit_rate: '64000',
      },
    ],
  },
  'faststart.mp4': {
    format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', duration: '1.000000' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
        duration: '1.000000',
        bit_rate: '28368',
        nb_frames: '25',
        language: 'und',
      },
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.000000',
        bit_rate: '47608',
        nb_frames: '48',
        language: 'und',
      },
    ],
  },
  'rotated.mp4': {
    format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', duration: '1.000000' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
        duration: '1.000000',
        bit_rate: '28368',
        nb_frames: '25',
        language: 'und',
        rotation: -90,
      },
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.000000',
        bit_rate: '47608',
        nb_frames: '48',
        language: 'und',
      },
    ],
  },
  'anamorphic.mp4': {
    format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', duration: '1.000000' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '16:15',
        avg_frame_rate: '25/1',
        duration: '1.000000',
        bit_rate: '28368',
        nb_frames: '25',
        language: 'und',
      },
    ],
  },
  'fragmented.mp4': {
    format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', duration: '1.080000' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
        duration: '1.000000',
        bit_rate: '28368',
        language: 'und',
      },
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.080000',
        bit_rate: '45022',
        language: 'und',
      },
    ],
  },
  'h264.flv': {
    format: { format_name: 'flv', duration: '1.080000' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
        bit_rate: '28368',
      },
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        bit_rate: '47608',
      },
    ],
  },
  'h264.mkv': {
    format: { format_name: 'matroska,webm', duration: '1.021000' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
      },
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        language: 'fra',
      },
    ],
  },
  'h264.mov': {
    format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', duration: '1.000000' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
        duration: '1.000000',
        bit_rate: '28368',
        nb_frames: '25',
      },
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.000000',
        bit_rate: '47608',
        nb_frames: '48',
      },
    ],
  },
  'h264.mpegts': {
    format: { format_name: 'mpegts', duration: '1.021333' },
    streams: [
      {
        codec_name: 'h264',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
        duration: '1.000000',
      },
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '0.746667',
        bit_rate: '50106',
        language: 'und',
      },
    ],
  },
  'tone.aac': {
    format: { format_name: 'aac', duration: '1.024069' },
    streams: [
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.024069',
        bit_rate: '50106',
      },
    ],
  },
  'tone.flac': {
    format: { format_name: 'flac', duration: '1.000000' },
    streams: [
      {
        codec_name: 'flac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.000000',
      },
    ],
  },
  'tone.m4a': {
    format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', duration: '1.000000' },
    streams: [
      {
        codec_name: 'aac',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.000000',
        bit_rate: '47608',
        nb_frames: '48',
        language: 'und',
      },
    ],
  },
  'tone.opus': {
    format: { format_name: 'ogg', duration: '1.006500' },
    streams: [
      {
        codec_name: 'opus',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.006500',
      },
    ],
  },
  'tone.wav': {
    format: { format_name: 'wav', duration: '1.000000' },
    streams: [
      {
        codec_name: 'pcm_s16le',
        codec_type: 'audio',
        sample_rate: '16000',
        channels: 1,
        duration: '1.000000',
        bit_rate: '256000',
      },
    ],
  },
  'mpeg4.avi': {
    format: { format_name: 'avi', duration: '1.040000' },
    streams: [
      {
        codec_name: 'mpeg4',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
        duration: '1.040000',
        nb_frames: '26',
      },
      {
        codec_name: 'mp3',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '1.032000',
        bit_rate: '32000',
        nb_frames: '43',
      },
    ],
  },
  'mpeg2.mpegts': {
    format: { format_name: 'mpegts', duration: '1.005333' },
    streams: [
      {
        codec_name: 'mpeg2video',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        avg_frame_rate: '25/1',
        duration: '1.000000',
      },
      {
        codec_name: 'ac3',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '0.736000',
        bit_rate: '64000',
      },
    ],
  },
  'theora.ogv': {
    format: { format_name: 'ogg', duration: '1.000000' },
    streams: [
      {
        codec_name: 'theora',
        codec_type: 'video',
        width: 96,
        height: 64,
        sample_aspect_ratio: '1:1',
        duration: '1.000000',
      },
    ],
  },
  'vbr-no-header.mp3': {
    format: { format_name: 'mp3', duration: '8.067273' },
    streams: [
      {
        codec_name: 'mp3',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '8.067273',
        bit_rate: '34724',
      },
    ],
  },
  'cover.mp3': {
    format: { format_name: 'mp3', duration: '6.024000' },
    streams: [
      {
        codec_name: 'mp3',
        codec_type: 'audio',
        sample_rate: '48000',
        channels: 1,
        duration: '6.024000',
        bit_rate: '64000',
      },
      {
        codec_name: 'mjpeg',
        codec_type: 'video',
        width: 640,
        height: 480,
        sample_aspect_ratio: '1:1',
        duration: '6.024000',
        attached_pic: 1,
      },
    ],
  },
};
