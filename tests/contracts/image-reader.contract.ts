import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ImageReader } from '#ports/image-reader.ts';
import { FileSource, mediaBytes, mediaFile } from '../support/file-source.ts';
import { concat, u32 } from '../support/iso-file.ts';
import { PORTRAIT } from '../support/readers.ts';
import { SOURCE_FAULTS } from './source-fixtures.ts';

/** What the suite needs to be bounded. */
export interface ImageBounds {
  readonly pixelsMax: number;
  readonly bytesMax: number;
}

const BOUNDS: ImageBounds = { pixelsMax: 50_000_000, bytesMax: 1024 * 1024 };
const signal = new AbortController().signal;
const of = (bytes: Uint8Array) => new FileSource(new Uint8Array(bytes));

/** A PNG that says how large it is, with as much of it as is given. */
function png(width: number, height: number, pixels = new Uint8Array()): Uint8Array {
  const chunk = (type: string, body: Uint8Array): Uint8Array => {
    const named = concat(Buffer.from(type), body);
    return concat(u32(body.length), named, u32(crc32(named)));
  };
  const header = concat(u32(width, height), new Uint8Array([8, 0, 0, 0, 0]));
  return concat(
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', new Uint8Array(deflateSync(pixels))),
    chunk('IEND', new Uint8Array()),
  );
}

/** Proves the prose of the `ImageReader` port on whatever `open` opens. */
export function imageReaderContract(
  name: string,
  open: (bounds: ImageBounds) => ImageReader,
): void {
  describe(`${name} keeps the ImageReader contract`, () => {
    let reader: ImageReader;
    beforeAll(() => {
      reader = open(BOUNDS);
    });

    it('tells a photograph as it is shown', async () => {
      expect(await reader.read(mediaFile('portrait.jpg'), signal)).toEqual(PORTRAIT);
    });

    it.each([
      ['alpha.png', 'png', true, 8],
      ['picture.webp', 'webp', false, 8],
      ['picture.gif', 'gif', false, 8],
      ['picture.avif', 'avif', false, 8],
    ])('tells %s', async (file, format, hasAlpha, bitDepth) => {
      expect(await reader.read(mediaFile(file), signal)).toMatchObject({
        format,
        width: 96,
        height: 64,
        displayWidth: 96,
        displayHeight: 64,
        orientation: null,
        pages: 1,
        hasAlpha,
        bitDepth,
      });
    });

    it('tells what the camera says, and not where it was', async () => {
      const facts = await reader.read(of(await taken()), signal);
      expect(facts.camera).toMatchObject({ make: 'Contax', iso: 400, aperture: 1.8 });
      expect(facts).toMatchObject({ capturedAt: '2024-05-06T07:08:09+02:00', gps: null });
    });

    it('counts the pages of a moving picture, and tells the size of one', async () => {
      const frames = await sharp(
        Uint8Array.from({ length: 8 * 24 * 3 }, (_, i) => i),
        { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } },
      )
        .gif()
        .toBuffer();
      const facts = await reader.read(of(frames), signal);
      expect(facts).toMatchObject({ format: 'gif', width: 8, height: 8, pages: 3 });
    });

    it('tells 16 bits a channel', async () => {
      const deep = await sharp(mediaBytes('alpha.png')).toColourspace('rgb16').png().toBuffer();
      const facts = await reader.read(of(deep), signal);
      expect(facts).toMatchObject({ bitDepth: 16, colourSpace: 'rgb16' });
    });

    it('reads the file once', async () => {
      const source = mediaFile('picture.webp');
      await reader.read(source, signal);
      expect(source.cost).toEqual({ requests: 1, bytes: source.size });
    });

    it.each(['portrait.jpg', 'alpha.png', 'picture.webp', 'picture.avif', 'picture.gif'])(
      'finds that %s was cut off',
      async (file) => {
        const whole = mediaBytes(file);
        for (const part of [0.5, 0.75, 0.9]) {
          const source = of(whole.slice(0, whole.length * part));
          await expect(reader.read(source, signal)).rejects.toMatchObject({
            code: 'CORRUPT_MEDIA',
            kind: 'permanent',
          });
        }
      },
    );

    it.each([
      ['what was cut off by others', mediaBytes('truncated.jpg')],
      ['nothing', new Uint8Array()],
    ])('calls %s corrupt', async (_, bytes) => {
      await expect(reader.read(of(bytes), signal)).rejects.toMatchObject({
        code: 'CORRUPT_MEDIA',
        kind: 'permanent',
      });
    });

    describe('containment', () => {
      it.each([
        ['12 000 by 12 000 pixels in a few bytes', png(12_000, 12_000)],
        ['60 000 by 60 000 pixels', png(60_000, 60_000)],
        ['pixels in one line', png(60_000_000, 1)],
      ])('refuses %s before it decodes any', async (_, bytes) => {
        const start = performance.now();
        await expect(reader.read(of(bytes), signal)).rejects.toMatchObject({
          code: 'IMAGE_TOO_LARGE',
          kind: 'permanent',
        });
        expect(performance.now() - start).toBeLessThan(3000);
      });

      it('refuses a file that is too large, before it reads any', async () => {
        const source = new FileSource(() => new Uint8Array(), BOUNDS.bytesMax + 1);
        await expect(reader.read(source, signal)).rejects.toMatchObject({
          code: 'IMAGE_TOO_LARGE',
          kind: 'permanent',
        });
        expect(source.cost.requests).toBe(0);
      });

      it.each([
        ['a TIFF', mediaBytes('picture.tiff')],
        ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
        ['a PPM', Buffer.from('P6 1 1 255\nabc')],
        ['a table', Buffer.from('1,2\n3,4\n')],
        ['a text', mediaBytes('text.mp4')],
        ['nothing like it', new Uint8Array(1000)],
      ])('does not read %s', async (_, bytes) => {
        await expect(reader.read(of(bytes), signal)).rejects.toMatchObject({
          code: 'UNSUPPORTED_CONTAINER',
          kind: 'permanent',
        });
      });

      it('asks nobody for what an SVG names', async () => {
        let hits = 0;
        const canary = createServer((_, response) => {
          hits += 1;
          response.end();
        });
        await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
        const { port } = canary.address() as AddressInfo;
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="http://127.0.0.1:${port}/a.png"/></svg>`;
        await expect(reader.read(of(Buffer.from(svg)), signal)).rejects.toThrow();
        await new Promise((resolve) => canary.close(resolve));
        expect(hits).toBe(0);
      });
    });

    it.each(SOURCE_FAULTS)('passes on the very error of the source: %s', async (fault) => {
      const source = new FileSource(() => {
        throw fault;
      }, 1000);
      await expect(reader.read(source, signal)).rejects.toBe(fault);
    });

    it('ends with the reason of an abort, which came before or comes in between', async () => {
      const reason = new Error('left');
      const before = reader.read(mediaFile('picture.webp'), AbortSignal.abort(reason));
      await expect(before).rejects.toBe(reason);
      const controller = new AbortController();
      const bytes = mediaBytes('picture.webp');
      const source = new FileSource(() => {
        controller.abort(reason);
        return bytes;
      }, bytes.length);
      await expect(reader.read(source, controller.signal)).rejects.toBe(reason);
    });
  });
}

/** A picture with EXIF of a camera, and of a place. */
async function taken(): Promise<Uint8Array> {
  const exif = {
    IFD0: { Make: 'Contax', Model: 'T3' },
    IFD2: {
      FNumber: '18/10',
      ISOSpeedRatings: '400',
      DateTimeOriginal: '2024:05:06 07:08:09',
      OffsetTimeOriginal: '+02:00',
    },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: '52/1 30/1 0/1',
      GPSLongitudeRef: 'E',
      GPSLongitude: '13/1 24/1 0/1',
    },
  };
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
  return picture.jpeg().withExif(exif).toBuffer();
}
