import sharp from 'sharp';
import { expect, it } from 'vitest';
import { StoryboardMaker } from '#adapters/probe/ffmpeg/storyboard-maker.ts';
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
const maker = () => new StoryboardMaker(ffmpeg);

/** A film that is white in its second half. */
const film = (seconds: number, ...more: readonly string[]) =>
  madeMedia(
    'mp4',
    ...drawn(`color=black:s=128x72:r=5:d=${seconds / 2}`),
    ...drawn(`color=white:s=128x72:r=5:d=${seconds / 2}`),
    ...['-filter_complex', '[0][1]concat=n=2', '-c:v', 'mpeg4', '-g', '25', ...more],
  );

async function boardOf(bytes: Uint8Array, metadata = videoOf(8, 128, 72)) {
  const [board, cues] = await makeOf(maker(), metadata, bytes);
  const picture = sharp(board?.body);
  const { width, height } = await picture.metadata();
  const pixels = await picture.greyscale().raw().toBuffer();
  const vtt = Buffer.from(cues?.body ?? []).toString();
  const tiles = [...vtt.matchAll(/#xywh=(\d+),(\d+),(\d+),(\d+)$/gm)].map(([, ...numbers]) => {
    const [x = 0, y = 0, w = 0, h = 0] = numbers.map(Number);
    const middle = pixels[(y + Math.floor(h / 2)) * width + x + Math.floor(w / 2)] ?? 0;
    return { x, y, w, h, isWhite: middle > 128 };
  });
  return { width, height, vtt, tiles };
}

describeFfmpeg('storyboards', () => {
  derivativeMakerContract('StoryboardMaker', maker, {
    metadata: videoOf(8, 128, 72),
    bytes: () => film(8, '-metadata', 'title=Elm Street'),
    makes: ['storyboard', 'storyboard-vtt'],
    others: [videoOf(null, 128, 72), audioOf(), imageOf(10, 10)],
    secret: 'Elm Street',
  });

  it('show a short film by the second', async () => {
    const { width, height, vtt, tiles } = await boardOf(film(8));
    expect([width, height]).toEqual([1024, 72]);
    expect(tiles.map(({ isWhite }) => isWhite)).toEqual(
      Array.from({ length: 8 }, (_, second) => second >= 4),
    );
    expect(vtt).toMatch(
      /^WEBVTT\n\n00:00:00\.000 --> 00:00:01\.000\nstoryboard\.jpg#xywh=0,0,128,72\n\n00:00:01\.000/,
    );
    expect(vtt).toMatch(/00:00:07\.000 --> 00:00:08\.000\nstoryboard\.jpg#xywh=896,0,128,72\n$/);
  });

  it('show a longer one by its key frames, in rows, to the end', async () => {
    const { width, height, vtt, tiles } = await boardOf(film(200), videoOf(200, 128, 72));
    expect([width, height, tiles.length]).toEqual([1280, 360, 50]);
    const whites = tiles.map(({ isWhite }) => isWhite);
    expect(whites).toEqual(whites.toSorted());
    expect(whites.filter(Boolean).length).toBeGreaterThanOrEqual(23);
    expect(vtt).toContain('00:03:16.000 --> 00:03:20.000');
  });

  it('have a hundred pictures of a long one, and hours in their times', async () => {
    const { tiles, vtt } = await boardOf(film(200), videoOf(5400, 128, 72));
    expect(tiles).toHaveLength(100);
    expect(vtt).toContain('01:29:06.000 --> 01:30:00.000');
    // It is shorter than it says: its last picture stays.
    expect(tiles.at(-1)?.isWhite).toBe(true);
  });

  it('are there of a film that is over long before its second picture', async () => {
    expect((await boardOf(film(2), videoOf(5400, 128, 72))).tiles).toHaveLength(100);
  });

  it('have one picture of what is shorter than a second', async () => {
    const { tiles, vtt } = await boardOf(film(0.8), videoOf(0.8, 128, 72));
    expect(tiles).toHaveLength(1);
    expect(vtt).toContain('00:00:00.000 --> 00:00:00.800');
  });

  it('have small pictures of large ones, in the shape they are shown in', async () => {
    const { tiles } = await boardOf(film(2), videoOf(2, 720, 1280));
    expect(tiles[0]).toMatchObject({ w: 90, h: 160 });
  });
});
