import { describe, expect, it } from 'vitest';
import { EngineProbe } from '#adapters/probe/engine-probe.ts';
import { ENGINE_BY_CONTAINER, type Engine } from '#adapters/probe/engine-table.ts';
import { locateFfprobe } from '#adapters/probe/ffprobe-binary.ts';
import { type FfprobeOptions, FfprobeProbe } from '#adapters/probe/ffprobe-probe.ts';
import { starved } from '#adapters/probe/media-fault.ts';
import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
import { type ErrorCode, ForgeError } from '#domain/errors.ts';
import { MEDIA_TYPES } from '#domain/media-types.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import { mediaProbeContract } from '../../contracts/media-probe.contract.ts';
import { FileSource } from '../../support/file-source.ts';

const signal = new AbortController().signal;
const source = new FileSource(new Uint8Array(10));

const report = (engine: string): ProbeReport => ({
  engine,
  container: 'mp4',
  durationSeconds: 1,
  durationSource: 'container',
  videoTracks: [],
  audioTracks: [],
  hasCover: false,
  tags: {},
});

const answers = (engine: Engine): MediaProbe => ({ probe: async () => report(engine) });
const fails = (code: ErrorCode): MediaProbe => ({
  probe: async () => {
    throw new ForgeError(code, 'permanent', code);
  },
});
function engines(mediabunny: MediaProbe, ffprobe: MediaProbe, forced?: Engine) {
  return new EngineProbe({ mediabunny, ffprobe }, { forced });
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
  const threads = new ThreadedProbe({
    threadsMax: 2,
    heapBytesMax: 128 * MEBIBYTE,
    wallMs: 20_000,
  });
  const wired = (options: Partial<FfprobeOptions> = {}, mediabunny: MediaProbe = threads) =>
    new EngineProbe({ mediabunny, ffprobe: new FfprobeProbe({ ...FFPROBE, ...options }) });
  const hasty = new ThreadedProbe({
    threadsMax: 1,
    heapBytesMax: 128 * MEBIBYTE,
    wallMs: 200,
  });

  mediaProbeContract('EngineProbe', () => ({ probe: wired(), close: () => threads.close() }), {
    powerless: () => wired({ ffprobePath: '/nowhere/ffprobe' }),
    impatient: () => wired({}, hasty),
  });
});

describe('EngineProbe', () => {
  it.each(Object.entries(ENGINE_BY_CONTAINER))('has %s read by %s', async (container, engine) => {
    const probe = engines(answers('mediabunny'), answers('ffprobe'));
    expect((await probe.probe(source, container, signal)).engine).toBe(engine);
  });

  it('has an engine for every timed container that is accepted', () => {
    const timed = MEDIA_TYPES.filter(({ kind }) => kind !== 'image');
    const orphans = timed.flatMap((t) => t.containers).filter((c) => !(c in ENGINE_BY_CONTAINER));
    expect(orphans).toEqual([]);
  });

  it('has everything read by the engine that is forced', async () => {
    const probe = engines(fails('INTERNAL'), answers('ffprobe'), 'ffprobe');
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
    const probe = engines(answers('mediabunny'), fails('PROBE_UNAVAILABLE'));
    await expect(probe.probe(source, 'avi', signal)).rejects.toMatchObject({
      code: 'PROBE_UNAVAILABLE',
    });
  });
});
