import { isSeenByKeyFrames } from '#adapters/probe/by-key-frames.ts';
import { corrupt } from '#adapters/probe/media-fault.ts';
import { ForgeError } from '#domain/errors.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import type { LocalFile } from '#ports/local-copies.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { AS_JPEG, fitted, pictureEvery, scaledTo } from './jpeg.ts';
import { interest, isTelling, type Moment, SAMPLE_FILTER, sampleMoments } from './moments.ts';

/** Where a poster is looked for first, as shares of the duration. */
const LOOKS = [0.1, 0.3, 0.5, 0.7, 0.9];

/** Where the duration is not known, seconds. */
const BLIND_LOOKS = [1, 0, 5, 20];

/** Looking around ends then: a file that keeps ffmpeg busy at each look would do so for minutes. */
const LOOKING_MS_MAX = 20_000;

/** Pictures looked at where those tell nothing. */
const SCAN_MAX = 240;

/** Goes to a time, or to the key frame before it: the same picture whenever it is asked for. */
const seek = (at: number, duration: number | null): readonly string[] => [
  ...(isSeenByKeyFrames(duration) ? ['-noaccurate_seek'] : []),
  ...['-ss', at.toFixed(3)],
];

/** One picture that stands for a video: early, and neither black nor blank where there is such a one. */
export class PosterMaker implements DerivativeMaker {
  readonly name = 'poster';
  readonly #ffmpeg: Ffmpeg;
  readonly #sideMax: number;
  readonly #lookingMsMax: number;

  /**
   * @param sideMax Pixels, wide and high at most.
   * @param lookingMsMax No look begins later; the first one does in any case.
   */
  constructor(ffmpeg: Ffmpeg, sideMax: number, lookingMsMax = LOOKING_MS_MAX) {
    this.#ffmpeg = ffmpeg;
    this.#sideMax = sideMax;
    this.#lookingMsMax = lookingMsMax;
  }

  appliesTo({ kind }: MediaMetadata): boolean {
    return kind === 'video';
  }

  async make(
    { metadata, copy }: DerivativeInput,
    signal: AbortSignal,
  ): Promise<readonly MadeFile[]> {
    const [track] = metadata.kind === 'video' ? metadata.videoTracks : [];
    if (!track) throw corrupt('there is no picture');
    const file = await copy();
    const { durationSeconds } = metadata.kind === 'video' ? metadata : { durationSeconds: null };
    const at = await this.#choose(file, durationSeconds, signal);
    const filter = scaledTo(fitted(track, this.#sideMax));
    const output = ['-map', '0:V:0', '-vf', filter, ...AS_JPEG];
    const body = await this.#ffmpeg.read(
      file,
      { input: seek(at, durationSeconds), output },
      signal,
    );
    return [{ name: this.name, fileName: 'poster.jpg', contentType: 'image/jpeg', body }];
  }

  /** Seconds from the start. */
  async #choose(file: LocalFile, duration: number | null, signal: AbortSignal): Promise<number> {
    const seen: Moment[] = [];
    const until = performance.now() + this.#lookingMsMax;
    const isLate = (): boolean => performance.now() >= until;
    const looks = duration === null ? BLIND_LOOKS : LOOKS.map((share) => share * duration);
    for (const at of looks) {
      const input = seek(at, duration);
      const output = ['-map', '0:V:0', '-frames:v', '1', '-vf', SAMPLE_FILTER, '-f', 'rawvideo'];
      const bytes = await this.#tryToRead(file, { input, output }, signal);
      const moments = sampleMoments(bytes, () => at);
      if (moments.some(isTelling)) return at;
      seen.push(...moments);
      if (isLate()) break;
    }
    if (duration !== null && !isLate()) seen.push(...(await this.#scan(file, duration, signal)));
    const [best] = seen.toSorted((a, b) => interest(b) - interest(a));
    if (!best) throw corrupt('no picture could be decoded');
    return seen.find(isTelling)?.at ?? best.at;
  }

  /** Pictures from everywhere. */
  async #scan(file: LocalFile, duration: number, signal: AbortSignal): Promise<readonly Moment[]> {
    const step = Math.max(0.5, duration / SCAN_MAX);
    const input = isSeenByKeyFrames(duration) ? ['-skip_frame', 'nokey'] : [];
    const filter = `${pictureEvery(step)},${SAMPLE_FILTER}`;
    const output = ['-map', '0:V:0', '-vf', filter, '-f', 'rawvideo'];
    const bytes = await this.#tryToRead(file, { input, output }, signal);
    return sampleMoments(bytes, (index) => index * step);
  }

  /** A place where there is nothing to be seen is no reason to give up. */
  async #tryToRead(
    file: LocalFile,
    run: Parameters<Ffmpeg['read']>[1],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    try {
      return await this.#ffmpeg.read(file, run, signal);
    } catch (error) {
      if (error instanceof ForgeError && error.code === 'CORRUPT_MEDIA') return new Uint8Array();
      throw error;
    }
  }
}
