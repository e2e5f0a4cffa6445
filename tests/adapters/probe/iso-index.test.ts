// The index of MP4 files, built box by box: what an honest one costs however large the file, and what becomes of hostile
// ones, whose few bytes ask for gigabytes.
import { describe, expect, it } from 'vitest';
import { readIsoIndex } from '#adapters/probe/iso-index.ts';
import { parsing } from '#adapters/probe/media-fault.ts';
import { MediabunnyProbe } from '#adapters/probe/mediabunny-probe.ts';
import { RangeCache } from '#adapters/probe/range-cache.ts';
import { FileSource, mediaBytes, sparseFile } from '../../support/file-source.ts';
import {
  box,
  concat,
  FTYP,
  largeBoxHeader,
  moov,
  type Tables,
  table,
  u32,
  u64,
  videoTrack,
} from '../../support/iso-file.ts';

const signal = new AbortController().signal;
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const HOURS_10 = 10 * 3600 * 30;

/** Ten hours of 30 frames a second, 30 of them to a chunk: a large index, of some 4.4 MB. */
function longTrack(firstByte: number, samples = HOURS_10): Uint8Array {
  const chunks = samples / 30;
  const offsets = Array.from({ length: chunks }, (_, i) => firstByte + i * 30 * 3900);
  return videoTrack(1, samples, {
    stts: table(1, samples, 33),
    stsz: concat(u32(0, 0, samples), Buffer.alloc(samples * 4, u32(3900))),
    stsc: table(1, 1, 30, 1),
    co64: concat(table(chunks), u64(...offsets)),
  });
}

describe('an index in a file of 4 GiB', () => {
  const media = HOURS_10 * 3900;
  const first = FTYP.length + 16;

  it('costs itself and little more when it is last', async () => {
    const index = moov(longTrack(first));
    const head = concat(FTYP, largeBoxHeader('mdat', media + 16));
    const at = FTYP.length + 16 + media;
    expect(at).toBeGreaterThan(3.9 * GIB);
    const source = sparseFile(at + index.length, [
      { at: 0, bytes: head },
      { at, bytes: index },
    ]);
    const report = await new MediabunnyProbe().probe(source, 'mp4', signal);
    expect(report.videoTracks).toMatchObject([{ frameCount: HOURS_10, frameRate: 30.303 }]);
    expect(source.cost.requests).toBeLessThanOrEqual(12);
    expect(source.cost.bytes).toBeLessThan(index.length + 0.25 * MIB);
  });

  it('costs itself and little more when it is first', async () => {
    const size = moov(longTrack(0)).length;
    const index = moov(longTrack(first + size));
    const head = concat(FTYP, index, largeBoxHeader('mdat', media + 16));
    const source = sparseFile(head.length + media, [{ at: 0, bytes: head }]);
    const report = await new MediabunnyProbe().probe(source, 'mp4', signal);
    expect(report.videoTracks).toMatchObject([{ frameCount: HOURS_10 }]);
    expect(source.cost.requests).toBeLessThanOrEqual(12);
    expect(source.cost.bytes).toBeLessThan(index.length + 1.25 * MIB);
  });
});

/** A whole file of one track: index, then 64 bytes of media, which begin at the offset that the function is given. */
function fileOf(samples: number, tables: (media: number) => Tables): FileSource {
  const build = (media: number): Uint8Array =>
    concat(FTYP, moov(videoTrack(1, samples, tables(media))));
  const media = build(0).length + 8;
  return new FileSource(concat(build(media), box('mdat', new Uint8Array(64))));
}

const honest = (media: number): Tables => ({ stsz: u32(0, 1, 64), stco: table(1, media) });

async function outcome(source: FileSource): Promise<string> {
  const read = parsing(() => readIsoIndex(new RangeCache(source), signal));
  return (await read.catch((error) => error)).code ?? 'read';
}

describe('an index', () => {
  it('is read', async () => {
    const index = await readIsoIndex(new RangeCache(fileOf(64, honest)), signal);
    expect(index).toMatchObject({
      durationSeconds: 1,
      fragments: null,
      tracks: [{ id: 1, handler: 'vide', timescale: 1000, count: 64, bytes: 64, units: 64 }],
    });
  });

  it('counts samples that are in no chunk', async () => {
    const source = fileOf(64, (media) => ({ ...honest(media), stsc: table(1, 1, 32, 1) }));
    const { tracks } = await readIsoIndex(new RangeCache(source), signal);
    expect(tracks).toMatchObject([{ count: 64, bytes: 64, end: source.size - 32 }]);
  });

  it('may have sample sizes of 4, 8 and 16 bits', async () => {
    for (const [bits, sizes] of [
      [4, [0x12, 0x34]],
      [8, [1, 2, 3, 4]],
      [16, [0, 1, 0, 2, 0, 3, 0, 4]],
    ] as const) {
      const stz2 = concat(u32(0, bits, 4), new Uint8Array(sizes));
      const source = fileOf(4, (media) => ({ stz2, stco: table(1, media) }));
      const { tracks } = await readIsoIndex(new RangeCache(source), signal);
      expect(tracks).toMatchObject([{ count: 4, bytes: 10 }]);
    }
  });

  it.each<[string, string, FileSource]>([
    [
      'has a sample past the end',
      'CORRUPT_MEDIA',
      fileOf(64, () => ({ stsz: u32(0, 1, 64), stco: table(1, 9000) })),
    ],
    [
      'has more samples than bytes',
      'CORRUPT_MEDIA',
      fileOf(8e7, (m) => ({ stsz: u32(0, 1, 8e7), stco: table(1, m) })),
    ],
    [
      'claims sizes that are not there',
      'CORRUPT_MEDIA',
      fileOf(8e7, (m) => ({ stsz: u32(0, 0, 8e7), stco: table(1, m) })),
    ],
    [
      'claims chunks that are not there',
      'CORRUPT_MEDIA',
      fileOf(64, () => ({ stsz: u32(0, 1, 64), stco: table(4e9, 1) })),
    ],
    ['has no chunks', 'CORRUPT_MEDIA', fileOf(64, () => ({ stsz: u32(0, 1, 64), stco: table(0) }))],
    [
      'unrolls into 4 000 million samples',
      'MEDIA_TOO_COMPLEX',
      fileOf(64, (m) => ({ ...honest(m), stts: table(1, 4e9, 1), ctts: table(1, 1, 0) })),
    ],
    [
      'unrolls into 4 000 million chunks',
      'CORRUPT_MEDIA',
      fileOf(64, (m) => ({ ...honest(m), stsc: table(2, 1, 1, 1, 4e9, 1, 1) })),
    ],
    [
      'has 2 000 tracks',
      'MEDIA_TOO_COMPLEX',
      new FileSource(
        concat(FTYP, moov(...Array.from({ length: 2000 }, (_, i) => videoTrack(i, 1, honest(0))))),
      ),
    ],
    ['is compressed', 'UNSUPPORTED_CONTAINER', new FileSource(concat(FTYP, moov(box('cmov'))))],
    ['has no track', 'CORRUPT_MEDIA', new FileSource(concat(FTYP, moov()))],
    [
      'is not there',
      'CORRUPT_MEDIA',
      new FileSource(concat(FTYP, box('mdat', new Uint8Array(99)))),
    ],
    [
      'is cut off',
      'CORRUPT_MEDIA',
      new FileSource(concat(FTYP, moov(videoTrack(1, 1, honest(0)))).slice(0, -9)),
    ],
    [
      'is far behind',
      'MEDIA_TOO_COMPLEX',
      new FileSource(concat(FTYP, ...new Array(5000).fill(box('free')))),
    ],
    [
      'begins with a box of negative size',
      'CORRUPT_MEDIA',
      new FileSource(concat(FTYP, u32(3, 0x66726565))),
    ],
  ])('that %s is %s, at no cost', async (_, code, source) => {
    const [memory, start] = [process.memoryUsage().rss, performance.now()];
    expect(await outcome(source)).toBe(code);
    expect(process.memoryUsage().rss - memory).toBeLessThan(200 * MIB);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('is not asked of a file that is cut anywhere', async () => {
    const whole = mediaBytes('faststart.mp4');
    const cuts = [0.02, 0.1, 0.3, 0.5, 0.9, 0.99].map((part) =>
      whole.slice(0, whole.length * part),
    );
    const codes = await Promise.all(cuts.map((bytes) => outcome(new FileSource(bytes))));
    expect(codes).toEqual(cuts.map(() => 'CORRUPT_MEDIA'));
  });
});
