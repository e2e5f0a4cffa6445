// MediaInfo in threads of its own: the same reports, bounded memory, and no file that takes the process with it.
import { afterAll, describe, expect, it, vi } from 'vitest';
import { EngineProbe } from '#adapters/probe/engine-probe.ts';
import { MediainfoProbe } from '#adapters/probe/mediainfo-probe.ts';
import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
import { ForgeError } from '#domain/errors.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';
import { concat, FTYP, moov, table, u32, videoTrack } from '../../support/iso-file.ts';

// Threads start late on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 });

const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const threaded = (heapBytesMax = 128 * MIB) =>
  new ThreadedProbe({ engine: 'mediainfo', threadsMax: 1, heapBytesMax, wallMs: 20_000 });
const probe = threaded();

afterAll(() => probe.close());

describe('ThreadedProbe of MediaInfo', () => {
  it.each([
    ['h264.flv', 'flv'],
    ['mpeg4.avi', 'avi'],
    ['subtitled.mkv', 'matroska'],
  ])('says of %s (%s) what the engine says in this thread', async (name, container) => {
    const here = await new MediainfoProbe().probe(mediaFile(name), container, signal);
    expect(await probe.probe(mediaFile(name), container, signal)).toEqual(here);
  });

  it('refuses a file that ends before it says, where nobody has looked before', async () => {
    const whole = mediaBytes('mpeg4.avi');
    const cut = new FileSource(whole.slice(0, whole.length / 2));
    await expect(probe.probe(cut, 'avi', signal)).rejects.toMatchObject({ code: 'CORRUPT_MEDIA' });
  });

  it('bounds the memory of the module, and reads on', async () => {
    // It begins with 34 MB.
    const small = threaded(35 * MIB);
    const source = new FileSource(longTable(10 * MIB));
    await expect(small.probe(source, 'mp4', signal)).rejects.toMatchObject({
      kind: 'permanent',
      code: expect.stringMatching(/^(UNSUPPORTED_CONTAINER|MEDIA_TOO_COMPLEX)$/),
    });
    expect(await small.probe(mediaFile('h264.flv'), 'flv', signal)).toMatchObject({
      container: 'flv',
    });
    await small.close();
  });

  it('ends in the middle of a file that takes long, and reads on', async () => {
    const wall = AbortSignal.timeout(700);
    const source = new FileSource(manyChapters(60_000));
    const error = await probe.probe(source, 'matroska', wall).catch((e: unknown) => e);
    expect(error).toBe(wall.reason);
    expect(await probe.probe(mediaFile('h264.flv'), 'flv', signal)).toMatchObject({
      container: 'flv',
    });
  });

  it('leaves the first engine’s report as it is, where adding to it takes long', async () => {
    const mediabunny = new ThreadedProbe({
      threadsMax: 1,
      heapBytesMax: 128 * MIB,
      wallMs: 20_000,
    });
    const nobody = { probe: () => Promise.reject(new Error('ffprobe is not needed')) };
    const both = new EngineProbe(
      { mediabunny, mediainfo: probe, ffprobe: nobody },
      { additionTimeoutMs: 700 },
    );
    const report = await both.probe(new FileSource(manyChapters(60_000)), 'matroska', signal);
    expect(report).toMatchObject({ engine: 'mediabunny', chapterCount: null });
    await mediabunny.close();
  });

  it.each([
    ['mpeg4.avi', 'avi'],
    ['h264.flv', 'flv'],
    ['subtitled.mkv', 'matroska'],
    ['subtitled.mp4', 'mp4'],
    ['h264.mpegts', 'mpegts'],
  ])('says something of a damaged %s (%s), or what is wrong with it', async (name, container) => {
    const strange = [];
    for (const bytes of damaged(mediaBytes(name))) {
      const wall = AbortSignal.timeout(5000);
      const outcome = await probe
        .probe(new FileSource(bytes), container, wall)
        .catch((error: unknown) => error);
      if (outcome instanceof Error && !(outcome instanceof ForgeError)) strange.push(outcome);
    }
    expect(strange).toEqual([]);
  });
});

/** Headers are dense at both ends. Always the same damage. */
function damaged(whole: Uint8Array): Uint8Array[] {
  const step = Math.ceil(whole.length / 30);
  const places = Array.from({ length: 30 }, (_, i) => [i * 23, i * step, whole.length - i * 29]);
  return places
    .flat()
    .map((at, i) => whole.slice().fill([0, 255, 65][i % 3] ?? 0, at, at + 4 + (i % 16)));
}

/** An MP4 whose one track has a table of so many bytes, which its engine keeps whole. */
function longTable(bytes: number): Uint8Array {
  const sizes = concat(u32(0, 0, bytes / 4), new Uint8Array(bytes).fill(1));
  return concat(FTYP, moov(videoTrack(1, bytes / 4, { stsz: sizes, stco: table(1, 64) })));
}

/** A Matroska file with so many chapters, which its engine sorts one by one. */
function manyChapters(count: number): Uint8Array {
  const whole = Buffer.from(mediaBytes('h264.mkv'));
  const element = (id: string, ...body: readonly Buffer[]): Buffer => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(body.reduce((sum, { length }) => sum + length, 0)) | (1n << 56n));
    return Buffer.concat([Buffer.from(id, 'hex'), size, ...body]);
  };
  const start = (i: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(i) * 1_000_000n);
    return bytes;
  };
  const chapters = Array.from({ length: count }, (_, i) =>
    element(
      'b6',
      element('91', start(i)),
      element('80', element('85', Buffer.from(`Chapter ${i}`))),
    ),
  );
  const all = element('1043a770', element('45b9', ...chapters));
  const segment = whole.indexOf(Buffer.from('18538067', 'hex'));
  // The size of the segment becomes unknown, so that it holds what is put in front of its first cluster.
  whole.fill(0xff, segment + 5, segment + 12);
  const cluster = whole.indexOf(Buffer.from('1f43b675', 'hex'));
  return new Uint8Array(Buffer.concat([whole.subarray(0, cluster), all, whole.subarray(cluster)]));
}
