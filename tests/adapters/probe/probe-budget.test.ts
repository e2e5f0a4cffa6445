// What a probe reads, with both engines: the index and a few frames, however large the file.
import { afterAll, describe, expect, it, vi } from 'vitest';
import { EngineProbe } from '#adapters/probe/engine-probe.ts';
import { HeadSource } from '#adapters/probe/head-source.ts';
import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
import { type FileSource, mediaBytes, mediaFile, sparseFile } from '../../support/file-source.ts';
import { padded } from '../../support/transport-stream.ts';

vi.setConfig({ testTimeout: 30_000 });

const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const options = { threadsMax: 1, heapBytesMax: 128 * MIB, wallMs: 20_000 };
const mediabunny = new ThreadedProbe(options);
const mediainfo = new ThreadedProbe({ ...options, engine: 'mediainfo' });
const nobody = { probe: () => Promise.reject(new Error('ffprobe is not needed')) };
const probe = new EngineProbe(
  { mediabunny, mediainfo, ffprobe: nobody },
  { additionTimeoutMs: 20_000 },
);

afterAll(() => Promise.all([mediabunny.close(), mediainfo.close()]));

/** The parts of an MP4 whose index is last, as boxes. */
function boxesOf(name: string) {
  const whole = Buffer.from(mediaBytes(name));
  const [mdat, index] = [whole.indexOf('mdat') - 4, whole.indexOf('moov') - 4];
  return { whole, mdat, index };
}

/** A real file, its index last, with so much nothing behind its frames, in the same box. */
function inflated(name: string, size: number): FileSource {
  const { whole, mdat, index } = boxesOf(name);
  const header = Buffer.alloc(8);
  const at = size - (whole.length - index);
  // The index moves; the frames stay where it says they are.
  header.writeUInt32BE(at - mdat, 0);
  header.write('mdat', 4, 'latin1');
  return sparseFile(size, [
    { at: 0, bytes: whole.subarray(0, mdat) },
    { at: mdat, bytes: header },
    { at: mdat + 8, bytes: whole.subarray(mdat + 8, index) },
    { at, bytes: whole.subarray(index) },
  ]);
}

describe('a probe', () => {
  it('of 10 MB and of 4 GB costs the same, says the same, and that is little', async () => {
    const [small, large] = [inflated('clip.mp4', 10e6), inflated('clip.mp4', 4e9)];
    const reports = [
      await probe.probe(small, 'mp4', signal),
      await probe.probe(large, 'mp4', signal),
    ];
    expect(reports[1]).toEqual(reports[0]);
    expect(reports[0]).toMatchObject({
      engine: 'mediabunny+mediainfo',
      videoTracks: [{ profile: 'High', scanType: 'progressive', frameCount: 120 }],
    });
    expect(large.cost.requests).toBe(small.cost.requests);
    expect(large.cost.requests).toBeLessThanOrEqual(12);
    expect(Math.abs(large.cost.bytes - small.cost.bytes)).toBeLessThan(64 * 1024);
    expect(large.cost.bytes).toBeLessThan(4 * MIB);
  });

  it('reads the begin and the end of a transport stream, and shows both engines the same', async () => {
    const whole = mediaBytes('h264.mpegts');
    const long = padded(whole, whole, 188 * 20_000_000);
    const report = await probe.probe(new HeadSource(long), 'mpegts', signal);
    expect(report).toMatchObject({
      engine: 'mediabunny+mediainfo',
      durationSeconds: 1.024,
      videoTracks: [{ profile: 'High', codecString: 'avc1.64000a', frameRate: 25 }],
    });
    // The first bytes on their own, as whoever sniffs wants them.
    expect(long.cost.requests).toBe(3);
    expect(long.cost.bytes).toBeLessThan(1.5 * MIB);
  });

  it('reads of a WAV what it reads without a second engine', async () => {
    const whole = mediaBytes('tone.wav');
    const long = sparseFile(500e6, [{ at: 0, bytes: longWav(whole) }]);
    expect((await probe.probe(long, 'wav', signal)).engine).toBe('mediabunny');
    expect(long.cost.bytes).toBeLessThan(MIB);
  });

  it('does not read a cluster of 30 MB for the sake of a frame rate', async () => {
    const long = oneCluster(30e6);
    const { videoTracks } = await probe.probe(long, 'webm', signal);
    expect(videoTracks).toMatchObject([{ codec: 'vp9', frameRate: null }]);
    expect(long.cost.bytes).toBeLessThan(3 * MIB);
  });

  it.each([
    ['h264.mkv', 'matroska'],
    ['subtitled.mkv', 'matroska'],
    ['clip.webm', 'webm'],
    ['fragmented.mp4', 'mp4'],
    ['h264.mpegts', 'mpegts'],
    ['h264.flv', 'flv'],
    ['mpeg4.avi', 'avi'],
  ])('reads nothing of %s (%s) twice', async (name, container) => {
    const source = mediaFile(name);
    await probe.probe(new HeadSource(source), container, signal);
    expect(source.cost.bytes).toBeLessThanOrEqual(source.size);
  });
});

/** The head of a WAV that goes on for 500 MB. */
function longWav(whole: Uint8Array): Uint8Array {
  const head = Buffer.from(whole.slice(0, 1000));
  head.writeUInt32LE(500e6 - 8, 4);
  head.writeUInt32LE(500e6 - (head.indexOf('data') + 8), head.indexOf('data') + 4);
  return new Uint8Array(head);
}

/** A WebM of one cluster, which does not say how long its frames last, and of which most is filling. */
function oneCluster(bytes: number): FileSource {
  const whole = Buffer.from(mediaBytes('clip.webm'));
  const [segment, cluster] = [whole.indexOf('18538067', 'hex'), whole.indexOf('1f43b675', 'hex')];
  const voided = (id: string, length: number): void => {
    const at = whole.indexOf(id, 'hex');
    whole.fill(0, at, at + length).set([0xec, 0x80 + length - 2], at);
  };
  // The list of what is where, which is no longer there, and how long a frame lasts.
  voided('114d9b74', 64);
  voided('23e383', 8);
  const sized = (id: string, size: number): Buffer => {
    const header = Buffer.from(`${id}0100000000000000`, 'hex');
    header.writeUIntBE(size, header.length - 6, 6);
    return header;
  };
  sized('18538067', bytes - segment - 12).copy(whole, segment);
  // Behind the header of the old cluster, which had four bytes and three.
  const content = whole.subarray(cluster + 7, whole.indexOf('1c53bb6b', cluster, 'hex'));
  const filling = cluster + 12 + content.length;
  const end = bytes - 200;
  return sparseFile(bytes, [
    { at: 0, bytes: whole.subarray(0, cluster) },
    { at: cluster, bytes: sized('1f43b675', bytes - cluster - 12) },
    { at: cluster + 12, bytes: content },
    { at: filling, bytes: sized('ec', end - filling - 9) },
    { at: end, bytes: sized('ec', bytes - end - 9) },
  ]);
}
