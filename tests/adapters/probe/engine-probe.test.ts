import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { EngineProbe } from '#adapters/probe/engine-probe.ts';
import { ADDITIONS, ENGINE_BY_CONTAINER, type Engine } from '#adapters/probe/engine-table.ts';
import { locateFfprobe } from '#adapters/probe/ffprobe-binary.ts';
import { type FfprobeOptions, FfprobeProbe } from '#adapters/probe/ffprobe-probe.ts';
import { starved } from '#adapters/probe/media-fault.ts';
import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
import { type ErrorCode, ForgeError } from '#domain/errors.ts';
import { MEDIA_TYPES } from '#domain/media-types.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { mediaProbeContract } from '../../contracts/media-probe.contract.ts';
import { FileSource, mediaFile } from '../../support/file-source.ts';
import { stamped } from '../../support/stamped.ts';

// Processes and threads start late on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 });

const signal = new AbortController().signal;
const source = new FileSource(new Uint8Array(10));

const report = (engine: string): ProbeReport => ({
  engine,
  container: 'mp4',
  durationSeconds: 1,
  durationSource: 'container',
  videoTracks: [],
  audioTracks: [],
  subtitleTracks: null,
  chapterCount: null,
  hasCover: false,
  tags: {},
});

const answers = (engine: Engine): MediaProbe => ({ probe: async () => report(engine) });
const fails = (code: ErrorCode): MediaProbe => ({
  probe: async () => {
    throw new ForgeError(code, 'permanent', code);
  },
});
function engines(
  mediabunny: MediaProbe,
  ffprobe: MediaProbe,
  { forced, mediainfo = answers('mediainfo') }: { forced?: 'ffprobe'; mediainfo?: MediaProbe } = {},
) {
  return new EngineProbe({ mediabunny, mediainfo, ffprobe }, { additionTimeoutMs: 50, forced });
}

const MEBIBYTE = 1024 * 1024;
const FFPROBE: FfprobeOptions = {
  copyBytesMax: 16 * MEBIBYTE,
  jail: { wallMs: 10_000, memoryBytesMax: 512 * MEBIBYTE, stdoutBytesMax: MEBIBYTE },
};
const bundled = await locateFfprobe(undefined).then(
  () => true,
  () => false,
);
const why = bundled ? '' : ' (skipped: no ffprobe is bundled for this platform)';

describe.skipIf(!bundled)(`both engines${why}`, () => {
  const limits = { threadsMax: 2, heapBytesMax: 128 * MEBIBYTE, wallMs: 20_000 };
  const threads = new ThreadedProbe(limits);
  const more = new ThreadedProbe({ ...limits, engine: 'mediainfo' });
  const hasty = new ThreadedProbe({ ...limits, threadsMax: 1, wallMs: 200 });
  const wired = (
    options: Partial<FfprobeOptions> = {},
    { mediabunny = threads, forced }: { mediabunny?: MediaProbe; forced?: 'ffprobe' } = {},
  ) =>
    new EngineProbe(
      { mediabunny, mediainfo: more, ffprobe: new FfprobeProbe({ ...FFPROBE, ...options }) },
      { additionTimeoutMs: 10_000, forced },
    );

  mediaProbeContract(
    'EngineProbe',
    () => ({
      probe: wired(),
      close: async () => {
        await Promise.all([threads, more, hasty].map((probe) => probe.close()));
      },
    }),
    {
      powerless: () => wired({ ffprobePath: '/nowhere/ffprobe' }, { forced: 'ffprobe' }),
      impatient: () => wired({}, { mediabunny: hasty }),
    },
  );

  const both = wired();
  it.each([
    ['interlaced.mp4', 'mp4', { scanType: 'interlaced', profile: 'High', level: '2.1' }],
    ['hdr10.mp4', 'mp4', { hdr: 'hdr10', bitDepth: 10, colourPrimaries: 'bt2020' }],
    [
      'hdr10.mp4',
      'mp4',
      { colourTransfer: 'smpte2084', colourMatrix: 'bt2020nc', profile: 'Main 10' },
    ],
    ['variable.mp4', 'mp4', { frameRateMode: 'variable', scanType: 'progressive' }],
    [
      'h264.mkv',
      'matroska',
      { frameRateMode: 'constant', bitDepth: 8, chromaSubsampling: '4:2:0' },
    ],
    ['h264.mpegts', 'mpegts', { profile: 'High', scanType: 'progressive', frameRateMode: null }],
    ['fragmented.mp4', 'mp4', { profile: 'High', frameRateMode: 'constant' }],
    ['h264.flv', 'flv', { profile: 'High', scanType: 'progressive', frameRateMode: 'constant' }],
    ['mpeg4.avi', 'avi', { codec: 'mpeg4', frameCount: 25, scanType: 'progressive' }],
    [
      'mpeg2.mpegts',
      'mpegts',
      { codec: 'mpeg2video', profile: 'Main', chromaSubsampling: '4:2:0' },
    ],
    ['clip.webm', 'webm', { codec: 'vp9', profile: 'Profile 0', scanType: 'progressive' }],
  ])('tell of %s (%s) %o', async (name, container, told) => {
    const { videoTracks } = await both.probe(mediaFile(name), container, signal);
    expect(videoTracks).toMatchObject([told]);
  });

  it.each([
    ['subtitled.mp4', 'mp4', [{ index: 2, codec: 'mov_text', language: 'deu' }], 2],
    ['subtitled.mkv', 'matroska', [{ index: 2, codec: 'subrip', language: 'deu' }], 2],
    ['h264.mkv', 'matroska', [], 0],
    ['clip.mp4', 'mp4', [], 0],
    ['tone.mp3', 'mp3', [], null],
  ])('tell the subtitles and chapters of %s (%s)', async (name, container, subtitles, chapters) => {
    const told = await both.probe(mediaFile(name), container, signal);
    expect([told.subtitleTracks, told.chapterCount]).toEqual([subtitles, chapters]);
  });

  it('tell the same of a transport stream with a time in front of every packet', async () => {
    const plain = mediaFile('h264.mpegts');
    const bytes = stamped(await plain.read(0, plain.size, signal));
    const told = await both.probe(new FileSource(bytes), 'mpegts', signal);
    expect(told.audioTracks).toMatchObject([{ codec: 'aac', profile: 'LC' }]);
    expect(told).toEqual(await both.probe(plain, 'mpegts', signal));
  });

  it('tell how six channels are laid out', async () => {
    const { audioTracks } = await both.probe(mediaFile('surround.m4a'), 'mp4', signal);
    expect(audioTracks).toMatchObject([{ channels: 6, channelLayout: '5.1', profile: 'LC' }]);
  });
});

describe('EngineProbe', () => {
  it.each(Object.entries(ENGINE_BY_CONTAINER))('has %s read by %s', async (container, engine) => {
    const probe = engines(answers('mediabunny'), answers('ffprobe'));
    const { engine: asked } = await probe.probe(source, container, signal);
    expect(asked).toBe(container in ADDITIONS ? `${engine}+mediainfo` : engine);
  });

  it('has an engine for every timed container that is accepted', () => {
    const timed = MEDIA_TYPES.filter(({ kind }) => kind !== 'image');
    const orphans = timed.flatMap((t) => t.containers).filter((c) => !(c in ENGINE_BY_CONTAINER));
    expect(orphans).toEqual([]);
  });

  it('has everything read by the engine that is forced', async () => {
    const probe = engines(fails('INTERNAL'), answers('ffprobe'), { forced: 'ffprobe' });
    expect((await probe.probe(source, 'mp4', signal)).engine).toBe('ffprobe');
  });

  it('knows no engine for a container it has never heard of', async () => {
    const probe = engines(answers('mediabunny'), answers('ffprobe'));
    await expect(probe.probe(source, 'constructor-kit', signal)).rejects.toMatchObject({
      code: 'UNSUPPORTED_CONTAINER',
    });
  });

  it('asks ffprobe where mediabunny does not know the file', async () => {
    const probe = engines(fails('UNSUPPORTED_CONTAINER'), answers('ffprobe'));
    expect((await probe.probe(source, 'ogg', signal)).engine).toBe('ffprobe');
  });

  it.each<ErrorCode>([
    'CORRUPT_MEDIA',
    'MEDIA_TOO_COMPLEX',
    'PROBE_BUDGET_EXCEEDED',
    'SOURCE_CHANGED',
  ])('asks nobody else about %s', async (code) => {
    const probe = engines(fails(code), answers('ffprobe'));
    await expect(probe.probe(source, 'mp4', signal)).rejects.toMatchObject({ code });
  });

  it.each<[ErrorCode, ErrorCode]>([
    ['CORRUPT_MEDIA', 'CORRUPT_MEDIA'],
    ['PROBE_UNAVAILABLE', 'UNSUPPORTED_CONTAINER'],
    ['PROBE_BUDGET_EXCEEDED', 'UNSUPPORTED_CONTAINER'],
  ])('where ffprobe then says %s, it is %s', async (second, code) => {
    const probe = engines(fails('UNSUPPORTED_CONTAINER'), fails(second));
    await expect(probe.probe(source, 'ogg', signal)).rejects.toMatchObject({ code });
  });

  it('judges no file where ffprobe gets no time', async () => {
    const late: MediaProbe = { probe: () => Promise.reject(starved('busy')) };
    const probe = engines(fails('UNSUPPORTED_CONTAINER'), late);
    await expect(probe.probe(source, 'ogg', signal)).rejects.toMatchObject({
      code: 'PROBE_UNAVAILABLE',
      kind: 'transient',
    });
  });

  it('says where ffprobe is the one engine and cannot run', async () => {
    const mediainfo = fails('UNSUPPORTED_CONTAINER');
    const probe = engines(answers('mediabunny'), fails('PROBE_UNAVAILABLE'), {
      forced: 'ffprobe',
      mediainfo,
    });
    await expect(probe.probe(source, 'avi', signal)).rejects.toMatchObject({
      code: 'PROBE_UNAVAILABLE',
    });
  });

  describe('asks a second engine for what the first is silent on', () => {
    const first = answers('mediabunny');
    const ask = (mediainfo: MediaProbe, container = 'mp4', from: MediaSource = source) =>
      engines(first, fails('INTERNAL'), { mediainfo }).probe(from, container, signal);

    it.each<ErrorCode>([
      'CORRUPT_MEDIA',
      'UNSUPPORTED_CONTAINER',
      'MEDIA_TOO_COMPLEX',
      'PROBE_BUDGET_EXCEEDED',
    ])('and does without where it says %s', async (code) => {
      expect(await ask(fails(code))).toEqual(report('mediabunny'));
    });

    it('and does without where it takes too long', async () => {
      const asked = vi.fn();
      const reading: MediaProbe = {
        probe: async (its, _, ended) => {
          await its.read(0, 1, ended);
          return new Promise((_resolve, reject) => {
            ended.addEventListener('abort', () => {
              asked();
              reject(ended.reason);
            });
          });
        },
      };
      expect(await ask(reading)).toEqual(report('mediabunny'));
      expect(asked).toHaveBeenCalledOnce();
    });

    it('and gives it all its time from when it begins, however long it waited for its turn', async () => {
      const late: MediaProbe = {
        probe: async (its, _, ended) => {
          // Far over its time.
          await sleep(200);
          await its.read(0, 1, ended);
          ended.throwIfAborted();
          return report('mediainfo');
        },
      };
      expect(await ask(late)).toEqual(report('mediabunny+mediainfo'));
    });

    it('but not where the machine cannot run it', async () => {
      const unavailable = new ForgeError('PROBE_UNAVAILABLE', 'transient', 'no thread');
      const mediainfo = { probe: () => Promise.reject(unavailable) };
      await expect(ask(mediainfo)).rejects.toBe(unavailable);
    });

    it('but not where the source fails', async () => {
      const fault = new ForgeError('SOURCE_CHANGED', 'permanent', 'another');
      const broken = new FileSource(() => {
        throw fault;
      }, 10);
      const mediainfo: MediaProbe = {
        probe: async (its, _, ended) => {
          await its.read(0, 1, ended).catch(() => {});
          throw new ForgeError('UNSUPPORTED_CONTAINER', 'permanent', 'whatever');
        },
      };
      await expect(ask(mediainfo, 'mp4', broken)).rejects.toBe(fault);
    });

    it('and lets it read a few frames, whatever it wants', async () => {
      const long = new FileSource((start, end) => new Uint8Array(end - start), 4e9);
      const insatiable: MediaProbe = {
        probe: async (its, _, ended) => {
          for (let at = 0; ; at += 1000) await its.read(at, at + 1000, ended);
        },
      };
      expect(await ask(insatiable, 'mp4', long)).toEqual(report('mediabunny'));
      expect(long.cost.requests).toBeLessThanOrEqual(2);
      expect(long.cost.bytes).toBeLessThan(2 * MEBIBYTE);
      const alone = new FileSource((start, end) => new Uint8Array(end - start), 4e9);
      await expect(ask(insatiable, 'avi', alone)).rejects.toMatchObject({
        code: 'PROBE_BUDGET_EXCEEDED',
      });
      expect(alone.cost.requests).toBeLessThanOrEqual(16);
      expect(alone.cost.bytes).toBeLessThan(5 * MEBIBYTE);
    });

    it('and nobody where the container has nothing more', async () => {
      expect(await ask(fails('INTERNAL'), 'wav')).toEqual(report('mediabunny'));
    });
  });
});
