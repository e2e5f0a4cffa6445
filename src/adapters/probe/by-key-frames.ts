/** A longer video is looked at by its key frames alone, whether they are all that is copied or not. */
const EVERY_FRAME_SECONDS_MAX = 120;

export function isSeenByKeyFrames(durationSeconds: number | null): boolean {
  return durationSeconds !== null && durationSeconds > EVERY_FRAME_SECONDS_MAX;
}
