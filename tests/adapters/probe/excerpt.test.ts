// Key frames of a long film: fewer bytes, the same pictures.
import sharp from 'sharp';
import { beforeAll, expect, it, vi } from 'vitest';
import { excerpt } from '#adapters/probe/excerpt/excerpt.ts';
import { PosterMaker } from '#adapters/probe/ffmpeg/poster-maker.ts';
import { StoryboardMaker } from '#adapters/probe/ffmpeg/storyboard-maker.ts';
import { TempCopies } from '#adapters/probe/temp-copies.ts';
import { ForgeError } from '#domain/errors.ts';
import type { VideoMetadata } from '#domain/metadata.ts';
import type { DerivativeMaker } from '#ports/derivative-maker.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { videoOf } from '../../support/derivable.ts';
import { FileSource, mediaBytes } from '../../support/file-source.ts';
import { describeFfmpeg, drawn, jailedFfmpeg, madeMedia } from '../../support/media-maker.ts';
import { overriding } from '../../support/overriding.ts';
import { storedObject } from '../../support/stored-object.ts';

// Processes and threads start late on a machine that is busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const BOUNDS = { heapBytesMax: 256 * 1024 ** 2, timeoutMs: 30_000 };
const signal = new AbortController().signal;
const SECONDS = 200;
const metadata = videoOf(SECONDS, 320, 180);
const request = { container: 'mp4', duration: SECONDS, count: 100 };

describeFfmpeg('an excerpt', () => {
  let film: Uint8Array;
  beforeAll(() => {
    // Noise between the key frames, so that they are a small part of it.
    film = madeMedia(
      'mp4',
      ...drawn(`testsrc=s=320x180:r=5:d=${SECONDS}`),
      ...['-vf', 'noise=alls=20:allf=t', '-pix_fmt', 'yuv420p', '-c:v', 'libx264'],
      ...['-preset', 'ultrafast', '-g', '50', '-bf', '0'],
    );
  });

  const copiesOf = (wholeBytesMax: number, excerptBounds = BOUNDS) =>
    new TempCopies({ bytesMax: film.length, wholeBytesMax, excerpt: excerptBounds });

  /** What a maker makes of the film, copied as a whole or not, and what was read for it. */
  async function made(
    maker: DerivativeMaker,
    wholeBytesMax: number,
    of: VideoMetadata = metadata,
    source: MediaSource = new FileSource(film),
  ) {
    const copy = await copiesOf(wholeBytesMax).open(source, of, signal);
    try {
      const files = await maker.make({ metadata: of, source, copy: async () => copy }, signal);
      return { files, bytes: source.cost.bytes };
    } finally {
      await copy.remove();
    }
  }

  const pixelsOf = (body: Uint8Array | undefined) => sharp(body).greyscale().raw().toBuffer();
  const difference = (a: Buffer, b: Buffer) =>
    a.reduce((sum, pixel, at) => sum + Math.abs(pixel - (b[at] ?? 255)), 0) / a.length;

  it.each([
    ['poster', (ffmpeg: ReturnType<typeof jailedFfmpeg>) => new PosterMaker(ffmpeg, 320)],
    ['storyboard', (ffmpeg: ReturnType<typeof jailedFfmpeg>) => new StoryboardMaker(ffmpeg)],
  ])('makes the %s that the whole film makes, of a part of it', async (_, open) => {
    const maker = open(jailedFfmpeg());
    const whole = await made(maker, film.length);
    const part = await made(maker, 1000);
    expect(whole.bytes).toBe(film.length);
    expect(part.bytes).toBeLessThan(film.length / 2);
    expect(part.files.map(({ name }) => name)).toEqual(whole.files.map(({ name }) => name));
    const [a, b] = [await pixelsOf(whole.files[0]?.body), await pixelsOf(part.files[0]?.body)];
    expect(a).toHaveLength(b.length);
    expect(difference(a, b)).toBeLessThan(1);
  });

  it('is not made of what is short, unknown, small or in no index', async () => {
    const poster = new PosterMaker(jailedFfmpeg(), 320);
    const others = [{ ...metadata, container: 'mpegts' }, videoOf(120, 320, 180)];
    for (const other of others) expect((await made(poster, 1000, other)).bytes).toBe(film.length);
  });

  it('has fewer pictures where the budget ends, from all over', async () => {
    const { source } = await storedObject(film, {
      requestsMax: 5,
      bytesMax: film.length,
      down: false,
    });
    const { files } = await made(new StoryboardMaker(jailedFfmpeg()), 1000, metadata, source);
    expect(source.cost.requests).toBeLessThanOrEqual(5);
    expect(files).toHaveLength(2);
    const tile = (row: number) =>
      sharp(files[0]?.body)
        .extract({ left: 800, top: row * 90, width: 160, height: 90 })
        .greyscale()
        .raw()
        .toBuffer();
    // Early pictures alone would leave the rest to their last one.
    expect(difference(await tile(2), await tile(4))).toBeGreaterThan(0.5);
  });

  it('is done without where it cannot be made', async () => {
    const junk = overriding(new FileSource(film), {
      read: async (start: number, end: number) => new Uint8Array(end - start),
    });
    const copy = await copiesOf(1000).open(junk, metadata, signal);
    await copy.remove();
    expect(junk.cost.bytes).toBe(film.length);
  });

  it('passes on what is wrong with the source, or with the store', async () => {
    for (const code of ['SOURCE_CHANGED', 'OBJECT_STORE_UNAVAILABLE'] as const) {
      const source = overriding(new FileSource(film), {
        read: () => Promise.reject(new ForgeError(code, 'transient', 'no')),
      });
      const opening = copiesOf(1000).open(source, metadata, signal);
      await expect(opening).rejects.toMatchObject({ name: 'ForgeError', code });
    }
  });

  it('ends with the signal, and when it takes too long', async () => {
    const controller = new AbortController();
    const reason = new Error('lost the lease');
    const slow = overriding(new FileSource(film), {
      read: (_start: number, _end: number, its: AbortSignal) =>
        new Promise((_, reject) => its.addEventListener('abort', () => reject(its.reason))),
    });
    const late = excerpt(slow, request, { ...BOUNDS, timeoutMs: 200 }, signal);
    await expect(late).rejects.toMatchObject({ code: 'MEDIA_TOO_COMPLEX', kind: 'permanent' });
    const aborted = excerpt(slow, request, BOUNDS, controller.signal);
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(excerpt(slow, request, BOUNDS, controller.signal)).rejects.toBe(reason);
  });

  it.each(['text.mp4', 'tone.m4a', 'no-index.mp4'])('is not made of %s', async (name) => {
    const making = excerpt(new FileSource(mediaBytes(name)), request, BOUNDS, signal);
    await expect(making).rejects.toMatchObject({ name: 'ForgeError', kind: 'permanent' });
  });
});
