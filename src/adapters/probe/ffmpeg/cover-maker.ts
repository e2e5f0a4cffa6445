import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { AS_JPEG } from './jpeg.ts';

/** The picture that comes with a sound, drawn anew as a JPEG: whatever else was in it stays behind. */
export class CoverMaker implements DerivativeMaker {
  readonly name = 'cover';
  readonly #ffmpeg: Ffmpeg;
  readonly #sideMax: number;

  /** @param sideMax Pixels, wide and high at most. */
  constructor(ffmpeg: Ffmpeg, sideMax: number) {
    this.#ffmpeg = ffmpeg;
    this.#sideMax = sideMax;
  }

  appliesTo(metadata: MediaMetadata): boolean {
    return metadata.kind === 'audio' && metadata.hasCover;
  }

  async make({ copy }: DerivativeInput, signal: AbortSignal): Promise<readonly MadeFile[]> {
    const side = this.#sideMax;
    const fit = `scale=w='min(iw,${side})':h='min(ih,${side})':force_original_aspect_ratio=decrease`;
    const output = ['-map', '0:v:0', '-vf', `${fit},format=yuvj420p`, ...AS_JPEG];
    const body = await this.#ffmpeg.read(await copy(), { output }, signal);
    return [{ name: this.name, fileName: 'cover.jpg', contentType: 'image/jpeg', body }];
  }
}
