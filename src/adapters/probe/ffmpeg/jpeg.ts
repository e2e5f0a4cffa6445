import type { VideoTrack } from '#domain/metadata.ts';

/** What ffmpeg is told to make a JPEG of one picture. */
export const AS_JPEG = ['-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2pipe'];

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The size of a track as it is shown, fitted into a square, and never larger than it is. */
export function fitted(
  { displayWidth, displayHeight }: Pick<VideoTrack, 'displayWidth' | 'displayHeight'>,
  sideMax: number,
): PictureSize {
  const shrink = Math.min(1, sideMax / Math.max(displayWidth, displayHeight));
  const side = (pixels: number): number => Math.max(1, Math.round(pixels * shrink));
  return { width: side(displayWidth), height: side(displayHeight) };
}

/** ffmpeg has turned the picture by then; its pixels become square. */
export function scaledTo({ width, height }: PictureSize): string {
  return `scale=${width}:${height},setsar=1,format=yuvj420p`;
}

/**
 * Every so many seconds the picture that is shown then, from the start to the end. Where there are key frames only, it is
 * the one before.
 */
export function pictureEvery(seconds: number): string {
  return `fps=${(1 / seconds).toFixed(6)}:start_time=0:round=up`;
}
