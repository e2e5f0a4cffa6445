import sharp from 'sharp';
import { expect, it } from 'vitest';
import { CoverMaker } from '#adapters/probe/ffmpeg/cover-maker.ts';
import { derivativeMakerContract } from '../../../contracts/derivative-maker.contract.ts';
import { audioOf, imageOf, videoOf } from '../../../support/derivable.ts';
import { mediaBytes } from '../../../support/file-source.ts';
import {
  describeFfmpeg,
  drawn,
  jailedFfmpeg,
  madeMedia,
  makeOf,
} from '../../../support/media-maker.ts';

const ffmpeg = jailedFfmpeg();
const maker = (sideMax = 1280) => new CoverMaker(ffmpeg, sideMax);
const covered = (extension: string, size: string, codec: string) =>
  madeMedia(
    extension,
    ...drawn('sine=d=1'),
    ...drawn(`testsrc=s=${size}:d=1:r=1`),
    ...['-map', '0', '-map', '1', '-c:v', codec, '-frames:v', '1'],
    ...['-disposition:v', 'attached_pic', '-metadata', 'title=Elm Street'],
  );

describeFfmpeg('covers', () => {
  derivativeMakerContract('CoverMaker', maker, {
    metadata: audioOf({ hasCover: true }),
    bytes: () => covered('flac', '60x40', 'png'),
    makes: ['cover'],
    others: [audioOf(), videoOf(8, 128, 72), imageOf(10, 10)],
    secret: 'Elm Street',
  });

  it.each([
    ['an MP3', () => mediaBytes('cover.mp3'), null],
    ['an M4A with a JPEG', () => covered('m4a', '64x64', 'mjpeg'), [64, 64]],
    ['a FLAC with a PNG', () => covered('flac', '60x40', 'png'), [60, 40]],
    ['one that is too large', () => covered('flac', '200x100', 'png'), [100, 50]],
  ])('come out of %s', async (_, bytes, size) => {
    const [cover] = await makeOf(maker(100), audioOf({ hasCover: true }), bytes());
    const { width, height, format } = await sharp(cover?.body).metadata();
    expect(format).toBe('jpeg');
    if (size) expect([width, height]).toEqual(size);
    expect(Math.max(width, height)).toBeLessThanOrEqual(100);
  });
});
