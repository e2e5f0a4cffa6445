// What the contracts of everything that reads a `MediaSource` have in common.
import { ForgeError } from '#domain/errors.ts';

/** Every kind of audio and video file in the fixtures, and the container that its magic bytes tell. */
export const MEDIA_FILES = [
  ['clip.mp4', 'mp4'],
  ['clip.webm', 'webm'],
  ['tone.mp3', 'mp3'],
  ['faststart.mp4', 'mp4'],
  ['rotated.mp4', 'mp4'],
  ['anamorphic.mp4', 'mp4'],
  ['fragmented.mp4', 'mp4'],
  ['h264.mov', 'mov'],
  ['h264.mkv', 'matroska'],
  ['h264.mpegts', 'mpegts'],
  ['mpeg2.mpegts', 'mpegts'],
  ['mpeg4.avi', 'avi'],
  ['h264.flv', 'flv'],
  ['theora.ogv', 'ogg'],
  ['tone.opus', 'ogg'],
  ['tone.wav', 'wav'],
  ['tone.flac', 'flac'],
  ['tone.aac', 'adts'],
  ['tone.m4a', 'mp4'],
  ['vbr-no-header.mp3', 'mp3'],
  ['cover.mp3', 'mp3'],
  ['interlaced.mp4', 'mp4'],
  ['hdr10.mp4', 'mp4'],
  ['variable.mp4', 'mp4'],
  ['subtitled.mp4', 'mp4'],
  ['subtitled.mkv', 'matroska'],
  ['surround.m4a', 'mp4'],
  ['edited.mp4', 'mp4'],
] as const;

/** Errors of a source, which whoever reads it passes on as they are. */
export const SOURCE_FAULTS: readonly Error[] = [
  new ForgeError('OBJECT_STORE_UNAVAILABLE', 'transient', 'down'),
  new ForgeError('SOURCE_CHANGED', 'permanent', 'another'),
  new TypeError('a bug in the source'),
];
