import sharp from 'sharp';
import { expect, it } from 'vitest';
import { PosterMaker } from '#adapters/probe/ffmpeg/poster-maker.ts';
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
const maker = (sideMax = 1280) => new PosterMaker(ffmpeg, sideMax);

/** A colour test card between black pictures, seconds. */
const amid = (before: number, card: number, after: number, ...more: readonly string[]) =>
  madeMedia(
    'mp4',
    ...drawn(`color=black:s=128x72:r=10:d=${before}`),
    ...drawn(`testsrc=s=128x72:r=10:d=${card}`),
    ...drawn(`color=black:s=128x72:r=10:d=${after}`),
    ...[
      '-filter_complex',
      '[0][1][2]concat=n=3',
      '-c:v',
      'mpeg4',
      '-g',
      '10',
      '-q:v',
      '2',
      ...more,
    ],
  );

describeFfmpeg('posters', () => {
  derivativeMakerContract('PosterMaker', maker, {
    metadata: videoOf(3, 128, 72),
    bytes: () => amid(1, 1, 1, '-metadata', 'title=Elm Street'),
    makes: ['poster'],
    others: [audioOf({ hasCover: true }), imageOf(10, 10)],
    secret: 'Elm Street',
  });

  /** Size of the poster, and how bright it is. */
  async function posterOf(bytes: Uint8Array, metadata = videoOf(10, 128, 72), sideMax?: number) {
    const [poster] = await makeOf(maker(sideMax), metadata, bytes);
    const picture = sharp(poster?.body);
    const { width, height, format } = await picture.metadata();
    const { channels } = await picture.stats();
    return { width, height, format, brightness: Math.max(...channels.map(({ mean }) => mean)) };
  }

  it.each([
    ['begins with black pictures', amid, [3, 7, 0.1]],
    ['ends with black pictures', amid, [0.1, 3, 7]],
    ['shows something where nobody looks first', amid, [5.3, 1.2, 3.5]],
  ])('are not black where the video %s', async (_, film, [before = 0, card = 0, after = 0]) => {
    const { brightness, ...rest } = await posterOf(film(before, card, after));
    expect(rest).toEqual({ width: 128, height: 72, format: 'jpeg' });
    expect(brightness).toBeGreaterThan(80);
  });

  it('are of the first look where there is no time for another', async () => {
    const [poster] = await makeOf(
      new PosterMaker(ffmpeg, 1280, 0),
      videoOf(10, 128, 72),
      amid(3, 7, 0.1),
    );
    const { channels } = await sharp(poster?.body).stats();
    expect(Math.max(...channels.map(({ mean }) => mean))).toBeLessThan(10);
  });

  it('are black where everything is', async () => {
    const { brightness } = await posterOf(amid(4, 0.1, 6).slice(), videoOf(4, 128, 72));
    expect(brightness).toBeLessThan(255);
    const night = madeMedia('mp4', ...drawn('color=black:s=64x64:r=5:d=3'), '-c:v', 'mpeg4');
    expect((await posterOf(night, videoOf(3, 64, 64))).brightness).toBeLessThan(10);
  });

  it('are of a video whose duration nobody knows, and of one that is shorter than it says', async () => {
    const film = amid(0.1, 3, 0.1);
    expect((await posterOf(film, videoOf(null, 128, 72))).brightness).toBeGreaterThan(80);
    expect((await posterOf(film, videoOf(500, 128, 72))).brightness).toBeGreaterThan(80);
  });

  it('are of one picture where there is but one', async () => {
    const still = madeMedia('mp4', ...drawn('testsrc=s=64x64:r=1:d=1'), '-c:v', 'mpeg4');
    expect((await posterOf(still, videoOf(1, 64, 64))).brightness).toBeGreaterThan(80);
  });

  it('stand upright, have square pixels and fit', async () => {
    expect(await posterOf(mediaBytes('rotated.mp4'), videoOf(1, 64, 96))).toMatchObject({
      width: 64,
      height: 96,
    });
    expect(await posterOf(amid(0.1, 1, 0.1), videoOf(1, 256, 72), 100)).toMatchObject({
      width: 100,
      height: 28,
    });
  });
});
