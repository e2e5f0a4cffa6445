/** Images that are small as files, within the limit of pixels, and take all the memory there is where nobody looks. */
import sharp, { type Sharp } from 'sharp';
import type { HostileFile } from './hostile-file.ts';

const plain = (side: number): Sharp =>
  sharp({ create: { width: side, height: side, channels: 4, background: '#8040c080' } });

/** 49 megapixels. */
const SIDE = 7000;

/** Those are read, one after the other. */
const WEBP = await plain(SIDE).webp().toBuffer();
const INTERLACED_PNG = await plain(SIDE).png({ progressive: true }).toBuffer();
const PROGRESSIVE_JPEG = await plain(SIDE).flatten().jpeg({ progressive: true }).toBuffer();

/** 25 megapixels. */
const AVIF = await plain(5000).avif({ effort: 0 }).toBuffer();

const deep = plain(SIDE).toColourspace('rgb16').png({ progressive: true });
const DEEP_PNG = await deep.toBuffer();

const image = (what: string, code: HostileFile['code'], bytes: Buffer, type: string) =>
  ({ id: 'I17', what, code, bytes, contentType: `image/${type}` }) satisfies HostileFile;

export const HEAVY_IMAGES: readonly HostileFile[] = [
  image('a WebP of 49 million pixels', 'OK', WEBP, 'webp'),
  image('an interlaced PNG of 49 million pixels', 'OK', INTERLACED_PNG, 'png'),
  image('a progressive JPEG of 49 million pixels', 'OK', PROGRESSIVE_JPEG, 'jpeg'),
  image('an AVIF of 25 million pixels', 'IMAGE_TOO_LARGE', AVIF, 'avif'),
  image('an interlaced PNG of 49 million deep pixels', 'IMAGE_TOO_LARGE', DEEP_PNG, 'png'),
];
