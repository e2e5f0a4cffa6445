import { expect, it } from 'vitest';
import { LoudnessMaker } from '#adapters/probe/ffmpeg/loudness-maker.ts';
import { derivativeMakerContract } from '../../../contracts/derivative-maker.contract.ts';
import { audioOf, imageOf, videoOf } from '../../../support/derivable.ts';
import {
  describeFfmpeg,
  drawn,
  jailedFfmpeg,
  madeMedia,
  makeOf,
} from '../../../support/media-maker.ts';

const ffmpeg = jailedFfmpeg();
const maker = () => new LoudnessMaker(ffmpeg);
const sound = (source: string, ...more: readonly string[]) =>
  madeMedia('flac', ...drawn(source), ...more);

describeFfmpeg('loudness', () => {
  derivativeMakerContract('LoudnessMaker', maker, {
    metadata: audioOf(),
    bytes: () => sound('sine=d=4', '-metadata', 'title=Elm Street'),
    makes: ['loudness'],
    others: [videoOf(8, 128, 72), imageOf(10, 10)],
    secret: 'Elm Street',
  });

  async function loudnessOf(bytes: Uint8Array) {
    const [file] = await makeOf(maker(), audioOf(), bytes);
    expect(Buffer.from(file?.body ?? []).toString()).toBe(file?.value);
    return JSON.parse(file?.value ?? '');
  }

  it('is what EBU Tech 3341 says of its first test signal', async () => {
    // A stereo sine of 1 kHz with peaks at -23 dBFS is -23 LUFS.
    const level = 10 ** (-23 / 20);
    const sine = `${level}*sin(2*PI*1000*t)`;
    const tone = sound(`aevalsrc=${sine}|${sine}:d=20:s=48000`, '-sample_fmt', 's16');
    const { integratedLufs, rangeLu, truePeakDbtp } = await loudnessOf(tone);
    expect(Math.abs(integratedLufs + 23)).toBeLessThanOrEqual(0.1);
    expect(Math.abs(truePeakDbtp + 23)).toBeLessThanOrEqual(0.2);
    expect(rangeLu).toBeLessThanOrEqual(0.1);
  });

  it('is unknown of silence', async () => {
    expect(await loudnessOf(sound('anullsrc=d=4'))).toEqual({
      integratedLufs: null,
      rangeLu: null,
      truePeakDbtp: null,
    });
  });

  it('is not what a tag says it is', async () => {
    const lie = 'Integrated loudness:\n I: -1.0 LUFS';
    const { integratedLufs } = await loudnessOf(sound('sine=d=4', '-metadata', `comment=${lie}`));
    expect(integratedLufs).toBeLessThan(-15);
  });
});
