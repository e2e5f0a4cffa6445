import { expect, it } from 'vitest';
import { WaveformMaker } from '#adapters/probe/ffmpeg/waveform-maker.ts';
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
const maker = () => new WaveformMaker(ffmpeg);
const sound = (source: string, ...more: readonly string[]) =>
  madeMedia('flac', ...drawn(source), ...more);

describeFfmpeg('waveforms', () => {
  derivativeMakerContract('WaveformMaker', maker, {
    metadata: audioOf(),
    bytes: () => sound('sine=d=1', '-metadata', 'title=Elm Street'),
    makes: ['waveform'],
    others: [videoOf(8, 128, 72), imageOf(10, 10)],
    secret: 'Elm Street',
  });

  async function waveformOf(bytes: Uint8Array) {
    const [file] = await makeOf(maker(), audioOf(), bytes);
    return JSON.parse(Buffer.from(file?.body ?? []).toString());
  }

  it('are peaks as audiowaveform writes them', async () => {
    // Half as loud as can be, for a second; then silence.
    const source =
      'aevalsrc=0.5*lt(t\\,1)*sin(2*PI*440*t)|0.5*lt(t\\,1)*sin(2*PI*440*t):d=2:s=44100';
    const { data, ...rest } = await waveformOf(sound(source));
    expect(rest).toEqual({
      version: 2,
      channels: 1,
      sample_rate: 16_000,
      samples_per_pixel: 64,
      bits: 8,
      length: data.length / 2,
    });
    expect(rest.length).toBe(500);
    const loud = data.slice(4, 480);
    expect(Math.max(...loud)).toBeGreaterThanOrEqual(62);
    expect(Math.max(...loud)).toBeLessThanOrEqual(65);
    expect(Math.min(...loud)).toBeLessThanOrEqual(-63);
    expect(data.slice(520).every((peak: number) => Math.abs(peak) <= 1)).toBe(true);
  });

  it('have no more pixels for longer sounds', async () => {
    const { length, samples_per_pixel, data } = await waveformOf(sound('sine=d=60:r=8000'));
    expect(length).toBeGreaterThanOrEqual(1000);
    expect(length).toBeLessThanOrEqual(2000);
    expect(samples_per_pixel * length).toBeGreaterThanOrEqual(60 * 16_000);
    expect(data).toHaveLength(length * 2);
  });
});
