import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ThumbnailsMaker } from '#adapters/image/thumbnails-maker.ts';
import { WeightedLine } from '#adapters/image/weighted-line.ts';
import { derivativeMakerContract } from '../../contracts/derivative-maker.contract.ts';
import { audioOf, imageOf, videoOf } from '../../support/derivable.ts';
import { mediaBytes } from '../../support/file-source.ts';
import { makeOf } from '../../support/media-maker.ts';

const OPTIONS = {
  widths: [40, 160, 640],
  pixelsMax: 1_000_000,
  secondsMax: 20,
  line: new WeightedLine(1),
};
const maker = (over: Partial<typeof OPTIONS> = {}) => new ThumbnailsMaker({ ...OPTIONS, ...over });

/** Colours, so that it can be told which side is up. */
async function image(width: number, height: number, format: 'jpeg' | 'png', orientation = 1) {
  const background = { r: 200, g: 20, b: 20, alpha: format === 'png' ? 0.5 : 1 };
  const canvas = sharp({ create: { width, height, channels: 4, background } });
  const exif = { IFD0: { Copyright: 'Jane Roe, Elm Street' } };
  const bytes = await canvas
    .toFormat(format)
    .withExif(exif)
    .withMetadata({ orientation })
    .toBuffer();
  return new Uint8Array(bytes);
}

const SECRET = await image(300, 200, 'jpeg');

derivativeMakerContract('ThumbnailsMaker', () => maker(), {
  metadata: imageOf(300, 200),
  bytes: () => SECRET,
  makes: ['thumbnail-40', 'thumbnail-160'],
  others: [videoOf(8, 320, 180), audioOf({ hasCover: true })],
  secret: 'Elm Street',
});

describe('thumbnails', () => {
  /** The sizes of what is made of an image, and what else is in them. */
  async function sizes(bytes: Uint8Array, width: number, height: number, over = {}) {
    const files = await makeOf(maker(over), imageOf(width, height), bytes);
    return Promise.all(
      files.map(async ({ name, body }) => {
        const { format, width, height, hasAlpha, exif, icc } = await sharp(body).metadata();
        expect([format, exif, icc]).toEqual(['webp', undefined, undefined]);
        return { name, width, height, hasAlpha };
      }),
    );
  }

  it('are as wide as asked, and never wider than the image', async () => {
    expect(await sizes(await image(500, 250, 'jpeg'), 500, 250)).toEqual([
      { name: 'thumbnail-40', width: 40, height: 20, hasAlpha: false },
      { name: 'thumbnail-160', width: 160, height: 80, hasAlpha: false },
    ]);
  });

  it('keep the size of an image that is smaller than all of them', async () => {
    expect(await sizes(await image(7, 5, 'png'), 7, 5)).toEqual([
      { name: 'thumbnail-40', width: 7, height: 5, hasAlpha: true },
    ]);
    expect(await sizes(await image(1, 1, 'png'), 1, 1)).toMatchObject([{ width: 1, height: 1 }]);
  });

  it('stand upright', async () => {
    const lying = await image(300, 200, 'jpeg', 6);
    expect(await sizes(lying, 200, 300)).toMatchObject([
      { width: 40, height: 60 },
      { width: 160, height: 240 },
    ]);
  });

  it('of a tower are narrower', async () => {
    expect(await sizes(await image(50, 900, 'png'), 50, 900)).toMatchObject([
      { width: 9, height: 160 },
    ]);
  });

  it('are of the first page', async () => {
    const gif = mediaBytes('picture.gif');
    expect(await sizes(gif, 96, 64)).toMatchObject([{ width: 40, height: 27 }]);
  });

  it('are of an AVIF, and of the picture in one that moves', async () => {
    for (const name of ['picture.avif', 'moving.avif']) {
      const bytes = mediaBytes(name);
      const metadata = imageOf(96, 64, 'avif');
      const [thumbnail] = await makeOf(maker(), metadata, bytes);
      expect(await sharp(thumbnail?.body).metadata()).toMatchObject({ format: 'webp', width: 40 });
    }
  });

  it('have the colours of the image, and what can be seen through it', async () => {
    const files = await makeOf(maker(), imageOf(300, 200), await image(300, 200, 'png'));
    for (const { body } of files) {
      const [red, green, blue, alpha] = await sharp(body).raw().toBuffer();
      for (const [value, expected] of [
        [red, 200],
        [green, 20],
        [blue, 20],
        [alpha, 128],
      ]) {
        expect(Math.abs((value ?? 0) - (expected ?? 0))).toBeLessThan(4);
      }
    }
    expect(files).toHaveLength(2);
  });

  it('are refused for an image of too many pixels', async () => {
    const bytes = await image(300, 200, 'png');
    await expect(
      makeOf(maker({ pixelsMax: 59_999 }), imageOf(300, 200), bytes),
    ).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE', kind: 'permanent' });
    expect(await sizes(bytes, 300, 200, { pixelsMax: 60_000 })).toHaveLength(2);
  });

  it('are of no format that is not let in', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    for (const bytes of [new Uint8Array(svg), mediaBytes('picture.tiff')]) {
      await expect(makeOf(maker(), imageOf(9, 9), bytes)).rejects.toMatchObject({
        code: 'CORRUPT_MEDIA',
      });
    }
  });
});
