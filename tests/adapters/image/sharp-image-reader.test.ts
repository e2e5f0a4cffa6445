import { afterEach, describe, expect, it, vi } from 'vitest';
import { sharp } from '#adapters/image/safe-sharp.ts';
import { SharpImageReader } from '#adapters/image/sharp-image-reader.ts';
import { WeightedLine } from '#adapters/image/weighted-line.ts';
import { imageReaderContract } from '../../contracts/image-reader.contract.ts';
import { FileSource, mediaFile } from '../../support/file-source.ts';

const more = { secondsMax: 10, line: new WeightedLine(1_000_000) };
const reader = new SharpImageReader({ pixelsMax: 1_000_000, bytesMax: 1_000_000, ...more });

imageReaderContract('SharpImageReader', (bounds) => new SharpImageReader({ ...bounds, ...more }));

describe('an AVIF that moves', () => {
  it('is read by its still picture', async () => {
    const facts = await reader.read(mediaFile('moving.avif'), new AbortController().signal);
    expect(facts).toMatchObject({ format: 'avif', width: 64, height: 48, pages: 3 });
  });
});

describe('the colour space of an image', () => {
  it.each([
    ['p3', 'display-p3'],
    ['srgb', 'srgb'],
  ])('is that of its profile: %s', async (profile, colourSpace) => {
    const plain = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
    const bytes = new Uint8Array(await plain.withIccProfile(profile).jpeg().toBuffer());
    const facts = await reader.read(new FileSource(bytes), new AbortController().signal);
    expect(facts.colourSpace).toBe(colourSpace);
  });
});

describe('an image that is decoded for ever', () => {
  afterEach(() => vi.useRealTimers());

  it('is given up by libvips itself, which is told the limit', async () => {
    const timeout = vi.spyOn(sharp.prototype, 'timeout');
    await reader.read(mediaFile('portrait.jpg'), new AbortController().signal);
    expect(timeout).toHaveBeenCalledWith({ seconds: 10 });
  });

  it.each(['metadata', 'toBuffer'] as const)(
    'holds nobody where %s never answers',
    async (step) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const begun = Promise.withResolvers<void>();
      vi.spyOn(sharp.prototype, step).mockImplementation((): Promise<never> => {
        begun.resolve();
        return new Promise(() => {});
      });
      const reading = reader.read(mediaFile('portrait.jpg'), new AbortController().signal);
      const ended = expect(reading).rejects.toMatchObject({
        code: 'PROBE_UNAVAILABLE',
        kind: 'transient',
      });
      await begun.promise;
      await vi.advanceTimersByTimeAsync(60_000);
      await ended;
    },
  );
});
