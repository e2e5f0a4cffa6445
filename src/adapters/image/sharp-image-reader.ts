import type { Metadata } from 'sharp';
import { ForgeError } from '#domain/errors.ts';
import type { ImageFacts } from '#domain/metadata.ts';
import type { ImageReader } from '#ports/image-reader.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { readExif } from './exif.ts';
import { sharp } from './safe-sharp.ts';

/** What the reader is given from outside. */
export interface SharpOptions {
  readonly pixelsMax: number;
  /** Of the file. */
  readonly bytesMax: number;
  /** Whether it may be told where a picture was taken. */
  readonly keepGps?: boolean;
}

/** The first page, and no leniency: a warning is how a truncated image shows. */
const INPUT = { failOn: 'warning', pages: 1 } as const;

/** Shrinking while loading would leave most of the file unread. */
const EVERY_PIXEL = { fit: 'fill', fastShrinkOnLoad: false } as const;

/** Channels of libvips' sample formats, in bits. */
const BITS: Readonly<Record<string, number>> = { uchar: 8, char: 8, ushort: 16, short: 16 };

/** Reads images with libvips: the header for what it says, all pixels once for whether they are there. */
export class SharpImageReader implements ImageReader {
  readonly #options: SharpOptions;

  constructor(options: SharpOptions) {
    this.#options = options;
  }

  async read(source: MediaSource, signal: AbortSignal): Promise<ImageFacts> {
    signal.throwIfAborted();
    const bytes = await this.#load(source, signal);
    if (bytes.length === 0) throw corruptImage('there is nothing in the file');
    const { pixelsMax } = this.#options;
    const header = await sharp(bytes, { ...INPUT, limitInputPixels: false })
      .metadata()
      .catch(refuse);
    const { width, height } = header;
    if (width * height > pixelsMax) throw tooLarge(`an image of ${width} by ${height} pixels`);
    signal.throwIfAborted();
    await sharp(bytes, { ...INPUT, limitInputPixels: pixelsMax })
      .resize(1, 1, EVERY_PIXEL)
      .raw()
      .toBuffer()
      .catch(refuse);
    signal.throwIfAborted();
    return { ...toFacts(header), ...readExif(header.exif, this.#options.keepGps ?? false) };
  }

  async #load(source: MediaSource, signal: AbortSignal): Promise<Buffer> {
    const { bytesMax } = this.#options;
    if (source.size > bytesMax) throw tooLarge(`an image file of ${source.size} bytes`);
    const chunks: Uint8Array[] = [];
    let count = 0;
    for await (const chunk of source.stream(signal)) {
      count += chunk.length;
      if (count > bytesMax) throw tooLarge(`an image file of over ${bytesMax} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

function toFacts(header: Metadata): Omit<ImageFacts, 'camera' | 'capturedAt' | 'gps'> {
  const { width, height, orientation = null } = header;
  // Orientations from 5 on lie on their side.
  const turned = orientation !== null && orientation >= 5;
  return {
    format: header.format === 'heif' && header.compression === 'av1' ? 'avif' : header.format,
    width,
    height,
    displayWidth: turned ? height : width,
    displayHeight: turned ? width : height,
    orientation,
    pages: header.pages ?? 1,
    hasAlpha: header.hasAlpha ?? false,
    colourSpace: header.space ?? null,
    bitDepth: header.bitsPerSample ?? BITS[header.depth ?? ''] ?? null,
  };
}

/** libvips tells what is wrong in words only. */
function refuse(error: unknown): never {
  const detail = error instanceof Error ? error.message : String(error);
  if (/pixel limit|too large/i.test(detail)) throw tooLarge('the image has too many pixels', error);
  if (/unsupported image format|blocked/i.test(detail)) {
    throw new ForgeError('UNSUPPORTED_CONTAINER', 'permanent', 'no image format that is let in', {
      cause: error,
    });
  }
  throw corruptImage('the image cannot be read to its end', error);
}

function tooLarge(detail: string, cause?: unknown): ForgeError {
  return new ForgeError('IMAGE_TOO_LARGE', 'permanent', detail, { cause });
}

function corruptImage(detail: string, cause?: unknown): ForgeError {
  return new ForgeError('CORRUPT_MEDIA', 'permanent', detail, { cause });
}
