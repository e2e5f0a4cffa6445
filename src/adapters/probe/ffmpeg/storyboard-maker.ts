import { isSeenByKeyFrames } from '#adapters/probe/by-key-frames.ts';
import { corrupt } from '#adapters/probe/media-fault.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { AS_JPEG, fitted, type PictureSize, pictureEvery, scaledTo } from './jpeg.ts';

/** Pictures of a video, and of one longer than that many seconds: as Mux has it. */
const TILES_MAX = 50;
const TILES_MAX_LONG = 100;
const LONG_SECONDS = 15 * 60;

/** Between two pictures, at least. */
const INTERVAL_SECONDS_MIN = 1;

const TILE_SIDE_PIXELS = 160;
const COLUMNS_MAX = 10;

const FILE_NAME = 'storyboard.jpg';

/** One picture of many small ones, evenly over the video, and a WebVTT file that says which is shown when. */
export class StoryboardMaker implements DerivativeMaker {
  readonly name = 'storyboard';
  readonly #ffmpeg: Ffmpeg;

  constructor(ffmpeg: Ffmpeg) {
    this.#ffmpeg = ffmpeg;
  }

  appliesTo(metadata: MediaMetadata): boolean {
    return metadata.kind === 'video' && metadata.durationSeconds !== null;
  }

  async make(
    { metadata, copy }: DerivativeInput,
    signal: AbortSignal,
  ): Promise<readonly MadeFile[]> {
    const video = metadata.kind === 'video' ? metadata : null;
    const [track] = video?.videoTracks ?? [];
    if (!video?.durationSeconds || !track) throw corrupt('there is no picture, or no duration');
    const board = plan(video.durationSeconds, fitted(track, TILE_SIDE_PIXELS));
    const { interval, count, tile, columns, rows } = board;
    const filter = [
      pictureEvery(interval),
      scaledTo(tile),
      // Where the last pictures are missing, the one before them stays.
      `tpad=stop_mode=clone:stop=${count}`,
      `tile=${columns}x${rows}:nb_frames=${count}`,
    ].join(',');
    const input = isSeenByKeyFrames(video.durationSeconds) ? ['-skip_frame', 'nokey'] : [];
    const output = ['-map', '0:V:0', '-vf', filter, ...AS_JPEG];
    const body = await this.#ffmpeg.read(await copy(), { input, output }, signal);
    const cues = new TextEncoder().encode(webVtt(board, video.durationSeconds));
    return [
      { name: this.name, fileName: FILE_NAME, contentType: 'image/jpeg', body },
      {
        name: `${this.name}-vtt`,
        fileName: 'storyboard.vtt',
        contentType: 'text/vtt',
        body: cues,
      },
    ];
  }
}

interface Board {
  /** Seconds. */
  readonly interval: number;
  readonly count: number;
  readonly tile: PictureSize;
  readonly columns: number;
  readonly rows: number;
}

function plan(duration: number, tile: PictureSize): Board {
  const tilesMax = duration > LONG_SECONDS ? TILES_MAX_LONG : TILES_MAX;
  const interval = Math.max(INTERVAL_SECONDS_MIN, duration / tilesMax);
  const count = Math.min(tilesMax, Math.max(1, Math.ceil(duration / interval)));
  const columns = Math.min(count, COLUMNS_MAX);
  return { interval, count, tile, columns, rows: Math.ceil(count / columns) };
}

function webVtt({ interval, count, tile, columns }: Board, duration: number): string {
  const cues = Array.from({ length: count }, (_, index) => {
    const end = Math.min(duration, (index + 1) * interval);
    const x = (index % columns) * tile.width;
    const y = Math.floor(index / columns) * tile.height;
    const where = `${FILE_NAME}#xywh=${x},${y},${tile.width},${tile.height}`;
    return `${clock(index * interval)} --> ${clock(end)}\n${where}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}

/** `01:02:03.456` */
function clock(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  const two = (value: number): string => `${Math.floor(value)}`.padStart(2, '0');
  const [hours, minutes] = [ms / 3_600_000, (ms / 60_000) % 60];
  return `${two(hours)}:${two(minutes)}:${two((ms / 1000) % 60)}.${`${ms % 1000}`.padStart(3, '0')}`;
}
