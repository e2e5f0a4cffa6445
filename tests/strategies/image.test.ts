import { describe, expect, it } from 'vitest';
import { SharpImageReader } from '#adapters/image/sharp-image-reader.ts';
import { WeightedLine } from '#adapters/image/weighted-line.ts';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { ImageStrategy } from '#strategies/image.ts';
import { strategyContract } from '../contracts/strategy.contract.ts';
import { mediaFile } from '../support/file-source.ts';
import { declared, PORTRAIT, sniffs } from '../support/readers.ts';

const signal = new AbortController().signal;

strategyContract('ImageStrategy', 'image', (readers) => new ImageStrategy(readers));

describe('ImageStrategy', () => {
  it('tells what the reader found, as metadata', async () => {
    const images = { read: async () => PORTRAIT };
    const strategy = new ImageStrategy({ sniffer: sniffs('jpeg'), images, engine: 'stub' });
    expect(await strategy.analyse(declared('image/jpg'), signal)).toEqual({
      engine: 'stub',
      metadata: {
        kind: 'image',
        metadataVersion: 2,
        container: 'jpeg',
        mimeType: 'image/jpeg',
        size: 1000,
        image: PORTRAIT,
        strategy: 'image',
        strategyVersion: 2,
      },
      derivatives: [],
    });
  });

  it.each([
    ['image/jpeg', 'portrait.jpg', 'jpeg'],
    ['image/png', 'alpha.png', 'png'],
    ['image/webp', 'picture.webp', 'webp'],
    ['image/gif', 'picture.gif', 'gif'],
    ['image/avif', 'picture.avif', 'avif'],
    ['image/png', 'portrait.jpg', 'TYPE_MISMATCH'],
    ['image/jpeg', 'clip.mp4', 'TYPE_MISMATCH'],
    ['image/jpeg', 'truncated.jpg', 'CORRUPT_MEDIA'],
    ['image/jpeg', 'picture.tiff', 'UNSUPPORTED_CONTAINER'],
    ['image/jpeg', 'text.mp4', 'UNSUPPORTED_CONTAINER'],
  ])('declared as %s, %s is %s', async (type, name, expected) => {
    const images = new SharpImageReader({
      pixelsMax: 1_000_000,
      bytesMax: 1_000_000,
      secondsMax: 10,
      line: new WeightedLine(1),
    });
    const real = new ImageStrategy({ sniffer: new FileTypeSniffer(), images, engine: 'sharp' });
    const outcome = await real.analyse(declared(type, mediaFile(name)), signal).catch((e) => e);
    expect(outcome.code ?? outcome.metadata.container).toBe(expected);
  });
});
