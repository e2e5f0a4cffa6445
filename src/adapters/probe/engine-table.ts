/** The engines there are. */
export type Engine = 'mediabunny' | 'ffprobe';

/**
 * Who reads which container: truth first, then bytes, then processor time. Mediabunny reads in ranges and in this process;
 * ffprobe takes a copy and a process, for what mediabunny does not know.
 */
export const ENGINE_BY_CONTAINER: Readonly<Record<string, Engine>> = {
  mp4: 'mediabunny',
  mov: 'mediabunny',
  webm: 'mediabunny',
  matroska: 'mediabunny',
  mp3: 'mediabunny',
  wav: 'mediabunny',
  flac: 'mediabunny',
  ogg: 'mediabunny',
  adts: 'mediabunny',
  mpegts: 'mediabunny',
  avi: 'ffprobe',
  flv: 'ffprobe',
};
