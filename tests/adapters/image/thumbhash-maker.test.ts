import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from 'thumbhash';
import { describe, expect, it } from 'vitest';
import { ThumbhashMaker } from '#adapters/image/thumbhash-maker.ts';
import { WeightedLine } from '#adapters/image/weighted-line.ts';
import { derivativeMakerContract } from '../../contracts/derivative-maker.contract.ts';
import { audioOf, imageOf, videoOf } from '../../support/derivable.ts';
import { mediaBytes } from '../../support/file-source.ts';
import { makeOf } from '../../support/media-maker.ts';

const BOUNDS = { pixelsMax: 50_000_000, secondsMax: 20, line: new WeightedLine(1) };

derivativeMakerContract('ThumbhashMaker', () => new ThumbhashMaker(BOUNDS), {
  metadata: imageOf(480, 640),
  bytes: () => mediaBytes('portrait.jpg'),
  makes: ['thumbhash'],
  others: [videoOf(8, 320, 180), audioOf({ hasCover: true })],
});

async function plain(width: number, height: number, alpha: number): Promise<Uint8Array> {
  const background = { r: 0, g: 128, b: 255, alpha };
  const canvas = sharp({ create: { width, height, channels: 4, background } });
  return new Uint8Array(await canvas.png().toBuffer());
}

describe('a thumbhash', () => {
  const hashOf = async (bytes: Uint8Array, bounds = BOUNDS) => {
    const [file] = await makeOf(new ThumbhashMaker(bounds), imageOf(1, 1), bytes);
    expect(Buffer.from(file?.body ?? []).toString()).toBe(file?.value);
    return Buffer.from(file?.value ?? '', 'base64');
  };

  it('is a few bytes that know the shape of the image as it is shown', async () => {
    const hash = await hashOf(mediaBytes('portrait.jpg'));
    expect(hash.length).toBeLessThan(40);
    expect(thumbHashToApproximateAspectRatio(hash)).toBeCloseTo(3 / 4, 0);
    expect(thumbHashToApproximateAspectRatio(hash)).toBeLessThan(1);
  });

  it.each([
    [1, 1],
    [2000, 1500],
    [4000, 3],
    [1, 300],
  ])('knows the colour of %s by %s pixels', async (width, height) => {
    const { r, g, b, a } = thumbHashToAverageRGBA(await hashOf(await plain(width, height, 1)));
    expect([r, g, b, a].map((each) => Math.round(each * 10) / 10)).toEqual([0, 0.5, 1, 1]);
  });

  it('knows the colour of an image that has no alpha', async () => {
    const jpeg = await sharp(await plain(300, 200, 1))
      .flatten()
      .jpeg()
      .toBuffer();
    const { r, g, b, a } = thumbHashToAverageRGBA(await hashOf(new Uint8Array(jpeg)));
    expect([r, g, b, a].map((each) => Math.round(each * 10) / 10)).toEqual([0, 0.5, 1, 1]);
  });

  it('knows what can be seen through', async () => {
    const { a } = thumbHashToAverageRGBA(await hashOf(await plain(64, 64, 0.5)));
    expect(a).toBeCloseTo(0.5, 1);
    expect(await hashOf(mediaBytes('alpha.png'))).not.toHaveLength(0);
  });

  it('is of the picture in an AVIF that moves', async () => {
    const metadata = imageOf(96, 64, 'avif');
    const made = await makeOf(new ThumbhashMaker(BOUNDS), metadata, mediaBytes('moving.avif'));
    expect(made).toMatchObject([{ value: expect.stringMatching(/^[\w+/]+=*$/) }]);
  });

  it('is refused for an image of too many pixels', async () => {
    const bytes = await plain(100, 100, 1);
    await expect(hashOf(bytes, { ...BOUNDS, pixelsMax: 9999 })).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
    });
  });
});
