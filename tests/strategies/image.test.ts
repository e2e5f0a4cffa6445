import { describe, expect, it } from 'vitest';
import { SharpImageReader } from '#adapters/image/sharp-image-reader.ts';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { ImageStrategy } from '#strategies/image.ts';
import { mediaFile } from '../support/file-source.ts';
import { declared, PORTRAIT, sniffs } from '../support/readers.ts';

const signal = new AbortController().signal;

function open(sniffed: string | null, facts = PORTRAIT) {
  let reads = 0;
  const images = {
    read: async () => {
      reads += 1;
      return facts;
    },
  };
  const strategy = new ImageStrategy({ sniffer: sniffs(sniffed), images, engine: 'stub' });
  return { strategy, reads: () => reads };
}

describe('ImageStrategy', () => {
  it('tells what the reader found, as metadata', async () => {
    const { strategy } = open('jpeg');
    expect(await strategy.analyse(declared('image/jpg'), signal)).toEqual({
      engine: 'stub',
      metadata: {
        kind: 'image',
        container: 'jpeg',
        mimeType: 'image/jpeg',
        size: 1000,
        image: PORTRAIT,
        strategy: 'image',
        strategyVersion: 1,
      },
      derivatives: [],
    });
  });

  it('decodes nothing where the magic bytes disagree', async () => {
    const { strategy, reads } = open('png');
    const reading = strategy.analyse(declared('image/jpeg'), signal);
    await expect(reading).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    expect(reads()).toBe(0);
  });

  it('does not take an image for what only its first bytes say', async () => {
    const { strategy } = open('jpeg', { ...PORTRAIT, format: 'png' });
    const reading = strategy.analyse(declared('image/jpeg'), signal);
    await expect(reading).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
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
    const images = new SharpImageReader({ pixelsMax: 1_000_000, bytesMax: 1_000_000 });
    const real = new ImageStrategy({ sniffer: new FileTypeSniffer(), images, engine: 'sharp' });
    const outcome = await real.analyse(declared(type, mediaFile(name)), signal).catch((e) => e);
    expect(outcome.code ?? outcome.metadata.container).toBe(expected);
  });
});
