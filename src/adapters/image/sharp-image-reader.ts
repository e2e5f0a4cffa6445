import type { Metadata } from 'sharp';
import { ForgeError } from '#domain/errors.ts';
import type { ImageFacts } from '#domain/metadata.ts';
import type { ImageReader } from '#ports/image-reader.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { countPngFrames } from './apng.ts';
import { asStill, avifSpace, countAvifFrames } from './avif.ts';
import { decodeWeight } from './decode-weight.ts';
import { readExif } from './exif.ts';
import { spaceOfProfile } from './icc.ts';
import { withinWall } from './image-wall.ts';
import { sharp } from './safe-sharp.ts';
import { WeightedLine } from './weighted-line.ts';

/** What the reader is given from outside. */
export interface SharpOptions {
  /** Of four bytes: of an image, by what decoding it takes. */
  readonly pixelsMax: number;
  /** Where images stand until there is memory for their pixels. */
  readonly line: WeightedLine;
  /** Of the file. */
  readonly bytesMax: number;
  /** libvips, over all pixels. */
  readonly secondsMax: number;
  /** Whether it may be told where a picture was taken. */
  readonly keepGps?: boolean;
}

/** The first page, and no leniency: a warning is how a truncated image shows. */
const INPUT = { failOn: 'warning', pages: 1 } as const;

/** Shrinking while loading would leave most of a JPEG unread; of a WebP it leaves nothing unread, and saves its memory. */
const everyPixel = (format: string) =>
  ({ fit: 'fill', fastShrinkOnLoad: format === 'webp' }) as const;

/** Files in memory at once, in files of the largest size. */
const FILES_IN_MEMORY = 2;

/** Channels of libvips' sample formats, in bits. */
const BITS: Readonly<Record<string, number>> = { uchar: 8, char: 8, ushort: 16, short: 16 };

/** Reads images with libvips: the header for what it says, all pixels once for whether they are there. */
export class SharpImageReader implements ImageReader {
  readonly #options: SharpOptions;
  readonly #files: WeightedLine;

  constructor(options: SharpOptions) {
    this.#options = options;
    this.#files = new WeightedLine(options.bytesMax * FILES_IN_MEMORY);
  }

  async read(source: MediaSource, signal: AbortSignal): Promise<ImageFacts> {
    return this.#files.run(source.size, signal, () => this.#read(source, signal));
  }

  async #read(source: MediaSource, signal: AbortSignal): Promise<ImageFacts> {
    const bytes = asStill(await this.#load(source, signal));
    if (bytes.length === 0) throw corruptImage('there is nothing in the file');
    const { pixelsMax, secondsMax, line } = this.#options;
    const wall = { secondsMax, signal, refuse, line };
    const header = await withinWall({ ...wall, weight: 0 }, () =>
      sharp(bytes, { ...INPUT, limitInputPixels: false }).metadata(),
    );
    const facts = toFacts(header);
    const weight = decodeWeight(facts, header.isProgressive ?? false);
    if (weight > pixelsMax) {
      throw tooLarge(`a ${facts.format} image of ${facts.width} by ${facts.height} pixels`);
    }
    await withinWall({ ...wall, weight }, (limit) =>
      sharp(bytes, { ...INPUT, limitInputPixels: pixelsMax })
        .timeout(limit)
        .resize(1, 1, everyPixel(facts.format))
        .raw()
        .toBuffer(),
    );
    signal.throwIfAborted();
    return {
      ...facts,
      pages: countPages(facts, bytes),
      colourSpace: spaceOf(header, facts, bytes),
      ...readExif(header.exif, this.#options.keepGps ?? false),
    };
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

function toFacts(
  header: Metadata,
): Omit<ImageFacts, 'camera' | 'capturedAt' | 'gps' | 'colourSpace'> {
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
    bitDepth: header.bitsPerSample ?? BITS[header.depth ?? ''] ?? null,
  };
}

/** libvips shows the first frame of a moving PNG or AVIF, and says nothing of the others. */
function countPages(
  { format, pages }: Pick<ImageFacts, 'format' | 'pages'>,
  bytes: Buffer,
): number {
  if (format === 'png') return countPngFrames(bytes);
  return format === 'avif' ? told(() => countAvifFrames(bytes), 1) : pages;
}

/** What boxes tell that may be cut short; libvips has read the picture for all that. */
function told<T>(read: () => T, untold: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return untold;
    throw error;
  }
}

/** libvips calls whatever has red, green and blue `srgb`: which ones they are a profile says, or the numbers of an AVIF. */
function spaceOf(
  { space, icc }: Metadata,
  { format }: Pick<ImageFacts, 'format'>,
  bytes: Buffer,
): string | null {
  if (space !== 'srgb' && space !== 'rgb16') return space ?? null;
  if (icc) return spaceOfProfile(icc);
  return format === 'avif' ? told(() => avifSpace(bytes), null) : space;
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
