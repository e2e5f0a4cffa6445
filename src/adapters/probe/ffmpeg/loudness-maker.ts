import { corrupt } from '#adapters/probe/media-fault.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import type { Ffmpeg } from './ffmpeg.ts';

/** The summary comes last, and is shorter. */
const TAIL_BYTES_MAX = 4096;

/** How loud silence is, by the meter: it measures nothing below. */
const SILENCE_LUFS = -70;

/** Loudness of a sound by EBU R128: integrated (LUFS), range (LU), true peak (dBTP); null where there is only silence. */
export class LoudnessMaker implements DerivativeMaker {
  readonly name = 'loudness';
  readonly #ffmpeg: Ffmpeg;

  constructor(ffmpeg: Ffmpeg) {
    this.#ffmpeg = ffmpeg;
  }

  appliesTo({ kind }: MediaMetadata): boolean {
    return kind === 'audio';
  }

  async make({ copy }: DerivativeInput, signal: AbortSignal): Promise<readonly MadeFile[]> {
    let tail = '';
    const onStderr = (chunk: Buffer): void => {
      tail = (tail + chunk.toString('latin1')).slice(-TAIL_BYTES_MAX);
    };
    const output = ['-map', '0:a:0', '-af', 'ebur128=peak=true:framelog=verbose', '-f', 'null'];
    const run = { output, verbosity: 'info' } as const;
    await this.#ffmpeg.listen(await copy(), run, { onStderr }, signal);
    const value = JSON.stringify(parseSummary(tail));
    const body = new TextEncoder().encode(value);
    const fileName = 'loudness.json';
    return [{ name: this.name, fileName, contentType: 'application/json', body, value }];
  }
}

function parseSummary(tail: string) {
  // The last one is ffmpeg's own: a tag may look like it.
  const summary = tail.slice(Math.max(0, tail.lastIndexOf('Integrated loudness:')));
  const integrated = numberAfter(/\bI:\s+(\S+) LUFS/, summary);
  if (integrated === null) throw corrupt('no sound could be decoded');
  const isSilent = integrated <= SILENCE_LUFS;
  return {
    integratedLufs: isSilent ? null : integrated,
    rangeLu: isSilent ? null : numberAfter(/\bLRA:\s+(\S+) LU\b/, summary),
    truePeakDbtp: numberAfter(/\bPeak:\s+(\S+) dBFS/, summary),
  };
}

function numberAfter(pattern: RegExp, text: string): number | null {
  const found = Number(pattern.exec(text)?.[1] ?? Number.NaN);
  return Number.isFinite(found) ? found : null;
}
