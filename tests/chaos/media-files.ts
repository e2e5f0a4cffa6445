import type { ErrorCode } from '#domain/errors.ts';

/** A file of the repository, and how it is uploaded. */
export interface MediaFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly fileName: string;
  readonly contentType: string;
  /** The code it has to fail with; absent where it has to complete. */
  readonly failsWith?: ErrorCode;
}

const FIXTURES = 'tests/fixtures/media';

const file = (path: string, contentType: string, failsWith?: ErrorCode): MediaFile => ({
  path,
  fileName: path.slice(path.lastIndexOf('/') + 1),
  contentType,
  ...(failsWith && { failsWith }),
});

/** Every kind of media and every engine; the last two are for ffprobe, which works on a copy. */
export const GOOD: readonly (readonly [weight: number, file: MediaFile])[] = [
  [4, file('samples/clip.mp4', 'video/mp4')],
  [3, file('samples/clip.webm', 'video/webm')],
  [4, file('samples/portrait.jpg', 'image/jpeg')],
  [3, file('samples/tone.mp3', 'audio/mpeg')],
  [2, file(`${FIXTURES}/h264.mov`, 'video/quicktime')],
  [2, file(`${FIXTURES}/h264.mkv`, 'video/x-matroska')],
  [2, file(`${FIXTURES}/picture.webp`, 'image/webp')],
  [2, file(`${FIXTURES}/alpha.png`, 'image/png')],
  [2, file(`${FIXTURES}/tone.flac`, 'audio/flac')],
  [2, file(`${FIXTURES}/tone.wav`, 'audio/wav')],
  [1, file(`${FIXTURES}/h264.flv`, 'video/x-flv')],
  [1, file(`${FIXTURES}/mpeg4.avi`, 'video/x-msvideo')],
];

/** Files whose bytes are to blame. */
export const CORRUPT: readonly (readonly [weight: number, file: MediaFile])[] = [
  [2, file(`${FIXTURES}/no-index.mp4`, 'video/mp4', 'CORRUPT_MEDIA')],
  [1, file(`${FIXTURES}/truncated.jpg`, 'image/jpeg', 'CORRUPT_MEDIA')],
  [1, file('samples/clip.webm', 'image/png', 'TYPE_MISMATCH')],
  [1, file('samples/portrait.jpg', 'video/mp4', 'TYPE_MISMATCH')],
];

/** The file that ends whatever process analyses it: its bytes are good, its name is what `CRASH_AT` looks for. */
export const KILLER: MediaFile = {
  ...file('samples/clip.mp4', 'video/mp4', 'RETRIES_EXHAUSTED'),
  fileName: 'killer.mp4',
};

/** Ends the process that is about to analyse a {@link KILLER}. */
export const CRASH_AT = `before-analyse@${KILLER.fileName}`;
