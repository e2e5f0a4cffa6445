import { corrupt } from '#adapters/probe/media-fault.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { PeakGatherer } from './peaks.ts';

/** Enough for what can be heard as loud, and a third of the work. */
const SAMPLE_RATE = 16_000;

/** An even number: a picture of a waveform is seldom wider. */
const PIXELS_MAX = 2000;

/** Of a short sound: 4 ms a pixel. */
const SAMPLES_PER_PIXEL_MIN = 64;

/** The first track of a sound as peaks, mixed to one channel, in the format of BBC's audiowaveform. */
export class WaveformMaker implements DerivativeMaker {
  readonly name = 'waveform';
  readonly #ffmpeg: Ffmpeg;

  constructor(ffmpeg: Ffmpeg) {
    this.#ffmpeg = ffmpeg;
  }

  appliesTo({ kind }: MediaMetadata): boolean {
    return kind === 'audio';
  }

  async make({ copy }: DerivativeInput, signal: AbortSignal): Promise<readonly MadeFile[]> {
    const gatherer = new PeakGatherer(PIXELS_MAX, SAMPLES_PER_PIXEL_MIN);
    const output = ['-map', '0:a:0', '-ac', '1', '-ar', `${SAMPLE_RATE}`, '-f', 's16le'];
    const onStdout = (chunk: Buffer): void => gatherer.add(chunk);
    await this.#ffmpeg.listen(await copy(), { output }, { onStdout }, signal);
    const { samplesPerPixel, data } = gatherer.peaks();
    if (data.length === 0) throw corrupt('no sound could be decoded');
    const body = JSON.stringify({
      version: 2,
      channels: 1,
      sample_rate: SAMPLE_RATE,
      samples_per_pixel: samplesPerPixel,
      bits: 8,
      length: data.length / 2,
      data,
    });
    return [
      {
        name: this.name,
        fileName: 'waveform.json',
        contentType: 'application/json',
        body: new TextEncoder().encode(body),
      },
    ];
  }
}
