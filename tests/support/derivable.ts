import type { AudioMetadata, ImageMetadata, VideoMetadata } from '#domain/metadata.ts';
import { anImageMetadata, aVideoMetadata, aVideoTrack } from './an-asset.ts';

/** A video as it is shown. */
export function videoOf(
  durationSeconds: number | null,
  displayWidth: number,
  displayHeight: number,
): VideoMetadata {
  const videoTracks = [aVideoTrack({ displayWidth, displayHeight })];
  return aVideoMetadata({ durationSeconds, videoTracks });
}

/** A sound, with a picture to it or without. */
export function audioOf({ hasCover = false } = {}): AudioMetadata {
  return { ...aVideoMetadata({ videoTracks: [], hasCover }), kind: 'audio' };
}

/** An image as it is shown. */
export function imageOf(
  displayWidth: number,
  displayHeight: number,
  format = 'jpeg',
): ImageMetadata {
  const metadata = anImageMetadata();
  return { ...metadata, image: { ...metadata.image, format, displayWidth, displayHeight } };
}
