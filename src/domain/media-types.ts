import type { MediaMetadata } from './metadata.ts';

/** The strategies there are, by the kind of media they read. */
export type MediaKind = MediaMetadata['kind'];

/** One row of the table: a media type, who reads it, and what its bytes may turn out to be. */
export interface MediaType {
  /** Canonical spelling, as stored and signed. */
  readonly type: string;
  /** Other spellings in use. */
  readonly aliases: readonly string[];
  readonly kind: MediaKind;
  /** Containers that agree with the declaration; names as in `metadata.ts`. */
  readonly containers: readonly string[];
}

const row = (
  type: string,
  kind: MediaKind,
  containers: readonly string[],
  ...aliases: readonly string[]
): MediaType => ({ type, kind, containers, aliases });

/** Every media type that is accepted. */
export const MEDIA_TYPES: readonly MediaType[] = [
  row('video/mp4', 'video', ['mp4', 'mov'], 'video/x-m4v', 'application/mp4'),
  row('video/quicktime', 'video', ['mov', 'mp4']),
  row('video/webm', 'video', ['webm', 'matroska']),
  row('video/x-matroska', 'video', ['matroska', 'webm'], 'video/matroska'),
  row('video/mp2t', 'video', ['mpegts']),
  row('video/x-msvideo', 'video', ['avi'], 'video/vnd.avi', 'video/avi', 'video/msvideo'),
  row('video/x-flv', 'video', ['flv']),
  row('video/3gpp', 'video', ['mp4'], 'video/3gpp2'),
  row('video/ogg', 'video', ['ogg']),
  row('audio/mpeg', 'audio', ['mp3'], 'audio/mp3'),
  row('audio/mp4', 'audio', ['mp4', 'mov'], 'audio/x-m4a', 'audio/m4a'),
  row('audio/aac', 'audio', ['adts'], 'audio/aacp', 'audio/x-aac'),
  row('audio/wav', 'audio', ['wav'], 'audio/x-wav', 'audio/wave', 'audio/vnd.wave'),
  row('audio/flac', 'audio', ['flac'], 'audio/x-flac'),
  row('audio/ogg', 'audio', ['ogg'], 'audio/opus', 'application/ogg'),
  row('audio/webm', 'audio', ['webm', 'matroska'], 'audio/x-matroska', 'audio/matroska'),
  row('image/jpeg', 'image', ['jpeg'], 'image/jpg', 'image/pjpeg'),
  row('image/png', 'image', ['png'], 'image/apng'),
  row('image/webp', 'image', ['webp']),
  row('image/gif', 'image', ['gif']),
  row('image/avif', 'image', ['avif']),
];

const BY_NAME = new Map(
  MEDIA_TYPES.flatMap((row) => [row.type, ...row.aliases].map((name) => [name, row])),
);

/** The row of a declared media type; parameters and letter case do not matter. Null where it is not accepted. */
export function mediaTypeOf(declared: string): MediaType | null {
  const essence = declared.split(';')[0]?.trim().toLowerCase() ?? '';
  return BY_NAME.get(essence) ?? null;
}
