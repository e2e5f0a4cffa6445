// The engine in threads: the same reports, and no file that takes the process with it. Damaged files are made from good
// ones, always in the same way.
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { MediabunnyProbe } from '#adapters/probe/mediabunny-probe.ts';
import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
import { ForgeError } from '#domain/errors.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { mediaProbeContract } from '../../contracts/media-probe.contract.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';
import { overriding } from '../../support/overriding.ts';

// Processes and threads start late on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 });

const HEAP = 128 * 1024 * 1024;
const WALL_MS = 20_000;
const signal = new AbortController().signal;
const probe = new ThreadedProbe({ threadsMax: 2, heapBytesMax: HEAP, wallMs: WALL_MS });

afterAll(() => probe.close());

/** A damaged start for which mediabunny 1.61 looks for ever. */
function endless(): Uint8Array {
  return mediaBytes('clip.webm').fill(0, 46, 56);
}

mediaProbeContract(
  'ThreadedProbe',
  () => {
    const own = new ThreadedProbe({ threadsMax: 2, heapBytesMax: HEAP, wallMs: WALL_MS });
    return { probe: own, close: () => own.close() };
  },
  {
    unknown: ['theora.ogv', 'mpeg2.mpegts', 'mpeg4.avi', 'h264.flv'],
    copiesNothing: 'it reads ranges',
    powerless: 'it needs nothing to run',
    impatient: () => new ThreadedProbe({ threadsMax: 1, heapBytesMax: HEAP, wallMs: 200 }),
  },
);

describe('ThreadedProbe', () => {
  it('says what the engine says in this thread', async () => {
    const here = await new MediabunnyProbe().probe(mediaFile('clip.mp4'), 'mp4', signal);
    expect(await probe.probe(mediaFile('clip.mp4'), 'mp4', signal)).toEqual(here);
  });

  it('reads from the source that it is given, at the same cost', async () => {
    const [here, there] = [mediaFile('clip.webm'), mediaFile('clip.webm')];
    await new MediabunnyProbe().probe(here, 'webm', signal);
    await probe.probe(there, 'webm', signal);
    expect(there.reads).toEqual(here.reads);
  });

  it('reads many files, some at once and the others after them', async () => {
    const names = Array.from({ length: 12 }, (_, i) => (i % 2 ? 'rotated.mp4' : 'anamorphic.mp4'));
    const reports = await Promise.all(names.map((n) => probe.probe(mediaFile(n), 'mp4', signal)));
    expect(reports.map(({ videoTracks }) => videoTracks[0]?.rotation)).toEqual(
      names.map((name) => (name === 'rotated.mp4' ? 90 : 0)),
    );
  });

  it('starts another thread where an idle one has ended', async () => {
    const used = vi.spyOn(Worker.prototype, 'ref');
    const one = new ThreadedProbe({ threadsMax: 1, heapBytesMax: HEAP, wallMs: WALL_MS });
    await one.probe(mediaFile('clip.mp4'), 'mp4', signal);
    const threads = used.mock.contexts as Worker[];
    await Promise.all(threads.map((thread) => thread.terminate()));
    const wall = AbortSignal.timeout(10_000);
    expect(await one.probe(mediaFile('clip.mp4'), 'mp4', wall)).toMatchObject({ container: 'mp4' });
    await one.close();
  });

  it('lets a waiting file go when it is aborted', async () => {
    const one = new ThreadedProbe({ threadsMax: 1, heapBytesMax: HEAP, wallMs: WALL_MS });
    const [busy, waiting] = [new AbortController(), new AbortController()];
    const first = one.probe(new FileSource(endless()), 'webm', busy.signal);
    const second = one.probe(mediaFile('clip.mp4'), 'mp4', waiting.signal);
    const third = one.probe(mediaFile('clip.mp4'), 'mp4', signal);
    waiting.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    busy.abort(new Error('left too'));
    await expect(first).rejects.toThrow('left too');
    expect((await third).durationSeconds).toBe(4);
    await one.close();
  });

  it('blames a file that keeps the thread busy for its time, and ends the thread', async () => {
    const used = vi.spyOn(Worker.prototype, 'cpuUsage');
    const hasty = new ThreadedProbe({ threadsMax: 1, heapBytesMax: HEAP, wallMs: 300 });
    await expect(hasty.probe(new FileSource(endless()), 'webm', signal)).rejects.toMatchObject({
      code: 'PROBE_TIMEOUT',
      kind: 'permanent',
    });
    const threads = new Set(used.mock.contexts as Worker[]);
    expect([...threads].map(({ threadId }) => threadId)).toEqual([-1]);
  });

  it('blames no file for a thread that gets no processor time, and ends the thread', async () => {
    const used = vi.spyOn(Worker.prototype, 'cpuUsage').mockResolvedValue({ user: 0, system: 0 });
    const hasty = new ThreadedProbe({ threadsMax: 1, heapBytesMax: HEAP, wallMs: 100 });
    await expect(hasty.probe(new FileSource(endless()), 'webm', signal)).rejects.toMatchObject({
      code: 'PROBE_UNAVAILABLE',
      kind: 'transient',
    });
    const threads = new Set(used.mock.contexts as Worker[]);
    expect([...threads].map(({ threadId }) => threadId)).toEqual([-1]);
  });

  it('has time for bytes that take longer than the wall, and for files that wait in a line', async () => {
    const wallMs = 400;
    const one = new ThreadedProbe({ threadsMax: 1, heapBytesMax: HEAP, wallMs });
    const slow = (): MediaSource =>
      overriding<MediaSource>(mediaFile('clip.webm'), {
        read: async (...range) => {
          await sleep(wallMs * 4);
          return mediaFile('clip.webm').read(...range);
        },
      });
    const reports = await Promise.all([1, 2].map(() => one.probe(slow(), 'webm', signal)));
    expect(reports.map(({ container }) => container)).toEqual(['webm', 'webm']);
    await one.close();
  });

  it('bounds the heap', async () => {
    const small = new ThreadedProbe({
      threadsMax: 1,
      heapBytesMax: 16 * 1024 * 1024,
      wallMs: WALL_MS,
    });
    const source = new FileSource(manyTags(60_000));
    await expect(small.probe(source, 'matroska', signal)).rejects.toMatchObject({
      code: 'MEDIA_TOO_COMPLEX',
      kind: 'permanent',
    });
  });

  it.each([
    ['clip.mp4', 'mp4'],
    ['clip.webm', 'webm'],
    ['tone.mp3', 'mp3'],
    ['fragmented.mp4', 'mp4'],
    ['h264.mkv', 'matroska'],
    ['h264.mpegts', 'mpegts'],
    ['tone.wav', 'wav'],
    ['tone.flac', 'flac'],
    ['tone.opus', 'ogg'],
    ['tone.aac', 'adts'],
  ])(
    'says something of a damaged %s, or what is wrong with it',
    async (name, container) => {
      const outcomes = [];
      for (const bytes of damaged(mediaBytes(name))) {
        const wall = AbortSignal.timeout(2500);
        const outcome = await probe
          .probe(new FileSource(bytes), container, wall)
          .catch((error) => (error === wall.reason ? 'endless' : error));
        outcomes.push(outcome);
      }
      const strange = outcomes.filter((e) => e instanceof Error && !(e instanceof ForgeError));
      expect(strange).toEqual([]);
      expect(outcomes.filter((each) => each === 'endless').length).toBeLessThan(4);
    },
    15_000,
  );
});

/** Headers are dense at both ends. */
function damaged(whole: Uint8Array): Uint8Array[] {
  const step = Math.ceil(whole.length / 30);
  const places = Array.from({ length: 30 }, (_, i) => [i * 23, i * step, whole.length - i * 29]);
  return places
    .flat()
    .map((at, i) => whole.slice().fill([0, 255, 65][i % 3] ?? 0, at, at + 4 + (i % 16)));
}

/** A Matroska file with so many tags of 300 letters, all of which its engine keeps. */
function manyTags(count: number): Uint8Array {
  const whole = Buffer.from(mediaBytes('h264.mkv'));
  const element = (id: string, ...body: readonly Buffer[]): Buffer => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(body.reduce((sum, { length }) => sum + length, 0)) | (1n << 56n));
    return Buffer.concat([Buffer.from(id, 'hex'), size, ...body]);
  };
  const value = element('4487', Buffer.alloc(300, 'v'));
  const tags = Array.from({ length: count }, (_, i) =>
    element('67c8', element('45a3', Buffer.from(`K${i}`)), value),
  );
  const segment = whole.indexOf(Buffer.from('18538067', 'hex'));
  // The size of the segment becomes unknown, so that it holds what is put in front of its first cluster.
  whole.fill(0xff, segment + 5, segment + 12);
  const cluster = whole.indexOf(Buffer.from('1f43b675', 'hex'));
  const head = whole.subarray(0, cluster);
  const all = element('1254c367', element('7373', element('63c0'), ...tags));
  return new Uint8Array(Buffer.concat([head, all, whole.subarray(cluster)]));
}
