/** The engines there are. */
export type Engine = 'mediabunny' | 'mediainfo' | 'ffprobe';

/** What an engine, or one question to it, may read of a file, at most. */
export interface ReadAllowance {
  readonly requests: number;
  readonly bytes: number;
}

/**
 * Who reads which container: truth first, then bytes, then processor time. Mediabunny reads in ranges, header and index only;
 * MediaInfo reads the containers that mediabunny does not know, in ranges as well. Where the one in the table does not know a
 * file, ffprobe takes a copy and a process.
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
  avi: 'mediainfo',
  flv: 'mediainfo',
};

/** Enough for the headers of every codec in a file; what it would read more are frame after frame. */
const FIRST_FRAMES: ReadAllowance = { requests: 2, bytes: 1024 * 1024 };

/** What the first engine has read and nothing more: of a transport stream that is a second or so. */
const SAME_BYTES: ReadAllowance = { requests: 0, bytes: 0 };

/**
 * Containers of which mediabunny leaves out what MediaInfo knows (subtitles, chapters, scan type, profile, colours, dynamic
 * range), and what MediaInfo may read on top of what mediabunny has read. The other containers have none of it, or are WAV,
 * which MediaInfo would read whole.
 */
export const ADDITIONS: Readonly<Record<string, ReadAllowance>> = {
  mp4: FIRST_FRAMES,
  mov: FIRST_FRAMES,
  webm: FIRST_FRAMES,
  matroska: FIRST_FRAMES,
  mpegts: SAME_BYTES,
};

/** What MediaInfo may read where it reads alone: the start, the end, and an index. */
export const ALONE: ReadAllowance = { requests: 16, bytes: 4 * 1024 * 1024 };
