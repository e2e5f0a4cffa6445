// The bundled ffprobe, which is of 2018, in its jail: what it says of real files, and what hostile ones get out of it. A
// script stands in for it where it has to misbehave.
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { locateFfprobe } from '#adapters/probe/ffprobe-binary.ts';
import { type FfprobeOptions, FfprobeProbe } from '#adapters/probe/ffprobe-probe.ts';
import { mediaProbeContract, samplesBomb } from '../../contracts/media-probe.contract.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';

// Processes and threads start late on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 });

const OPTIONS: FfprobeOptions = {
  copyBytesMax: 16 * 1024 * 1024,
  jail: { wallMs: 10_000, memoryBytesMax: 512 * 1024 * 1024, stdoutBytesMax: 1024 * 1024 },
};
const signal = new AbortController().signal;

// Copies of our own, so that nobody else's are counted.
let temporary: string;
const copies = (): string[] => globSync(join(temporary, 'streamforge-*'));
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'probe-test-'));
  chmodSync(temporary, 0o755);
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

const bundled = await locateFfprobe(undefined).then(
  () => true,
  () => false,
);
const why = bundled ? '' : ' (skipped: no ffprobe is bundled for this platform)';

describe.skipIf(!bundled)(`FfprobeProbe${why}`, () => {
  const probe = new FfprobeProbe(OPTIONS);

  mediaProbeContract('FfprobeProbe', () => ({ probe }), {
    untrue: {
      'variable.mp4': 'version 4 counts what the edit list leaves out',
      'edited.mp4': 'version 4 counts the pause of the edit list',
      'h264.mpegts': 'an ffprobe of 2018 guesses the bit rate of its sound',
      'tone.opus': 'ffprobe counts samples that decoders drop',
      'tone.aac': 'ffprobe divides by the first bit rate it sees',
      'vbr-no-header.mp3': 'ffprobe divides by the first bit rate it sees',
    },
    powerless: () => new FfprobeProbe({ ...OPTIONS, ffprobePath: '/nowhere/ffprobe' }),
    impatient: 'its own wall is around the process; whoever asks it bounds the reads',
  });

  it('tells tags by our names', async () => {
    const { tags } = await probe.probe(mediaFile('tone.mp3'), 'mp3', signal);
    expect(tags).toMatchObject({ title: 'Six seconds of C', date: '2024', trackNumber: '3' });
  });

  it.each([
    ['half an AVI', mediaBytes('mpeg4.avi').slice(0, 9000), 'CORRUPT_MEDIA'],
    ['an SDP', Buffer.from('v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\n'), 'CORRUPT_MEDIA'],
    [
      'an ffconcat',
      Buffer.from('ffconcat version 1.0\nfile /etc/hostname\n'),
      'UNSUPPORTED_CONTAINER',
    ],
  ])('refuses %s', async (_, bytes, code) => {
    const source = new FileSource(new Uint8Array(bytes));
    await expect(probe.probe(source, 'avi', signal)).rejects.toMatchObject({
      kind: 'permanent',
      code,
    });
  });

  it('is held by its jail where nobody checks what is asked of it', async () => {
    const bomb = new FileSource(samplesBomb());
    const start = performance.now();
    await expect(probe.probe(bomb, 'flv', signal)).resolves.toMatchObject({
      videoTracks: [{ width: 0 }],
    });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('does not copy what is too large', async () => {
    const source = new FileSource(() => new Uint8Array(), OPTIONS.copyBytesMax + 1);
    await expect(probe.probe(source, 'mpegts', signal)).rejects.toMatchObject({
      code: 'PROBE_BUDGET_EXCEEDED',
    });
    expect(source.cost.bytes).toBe(0);
  });

  it('leaves no copy behind', async () => {
    await probe.probe(mediaFile('h264.flv'), 'flv', signal);
    await probe.probe(new FileSource(new Uint8Array(99)), 'flv', signal).catch(() => {});
    expect(copies()).toEqual([]);
  });

  it('is jailed as strictly as this machine allows', async () => {
    expect(await probe.confinement()).toMatch(/limits|none/);
  });
});

describe.skipIf(process.platform !== 'linux')('an ffprobe that misbehaves', () => {
  let directory: string;
  const script = (text: string): string => {
    const path = join(directory, 'ffprobe');
    // It recognises the file that it is tried with, by its being a WAV.
    const good = '{"format":{"format_name":"wav"},"streams":[{"codec_type":"audio"}]}';
    writeFileSync(
      path,
      `#!/bin/sh\nfor last; do :; done\nif [ "$(head -c 4 "\${last#file:}")" = RIFF ]; then echo '${good}'; exit; fi\n${text}\n`,
    );
    chmodSync(path, 0o755);
    return path;
  };
  const open = (text: string, wallMs = 10_000): FfprobeProbe =>
    new FfprobeProbe({ ...OPTIONS, ffprobePath: script(text), jail: { ...OPTIONS.jail, wallMs } });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'stub-'));
    chmodSync(directory, 0o755);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** Processes whose command line has a text in it. */
  const running = (text: string): string[] =>
    globSync('/proc/[0-9]*/cmdline').filter((path) => {
      try {
        return readFileSync(path, 'utf8').replaceAll('\0', ' ').includes(text);
      } catch {
        return false;
      }
    });

  it('by never ending is killed with its children, and its copy goes', async () => {
    const mark = `${30_000 + process.pid}.25`;
    const probe = open(`sleep ${mark} & sleep ${mark}`, 2500);
    const reading = probe.probe(mediaFile('h264.flv'), 'flv', signal);
    const failed = expect(reading).rejects.toMatchObject({ code: 'PROBE_TIMEOUT' });
    await vi.waitFor(
      () => expect([running(`sleep ${mark}`).length, copies().length]).toEqual([2, 1]),
      {
        timeout: 5000,
        interval: 20,
      },
    );
    await failed;
    await vi.waitFor(() => expect(running(`sleep ${mark}`)).toEqual([]));
    expect(copies()).toEqual([]);
  });

  it('is killed when the job is aborted', async () => {
    const mark = `${30_000 + process.pid}.75`;
    const probe = open(`sleep ${mark}`);
    const controller = new AbortController();
    const reading = probe.probe(mediaFile('h264.flv'), 'flv', controller.signal);
    const failed = expect(reading).rejects.toThrow('lost the lease');
    await vi.waitFor(() => expect(running(`sleep ${mark}`).length).toBeGreaterThan(0), {
      timeout: 5000,
    });
    controller.abort(new Error('lost the lease'));
    await failed;
    await vi.waitFor(() => expect(running(`sleep ${mark}`)).toEqual([]));
  });

  it.each([
    ['crashes', 'kill -SEGV $$', 'MEDIA_TOO_COMPLEX'],
    ['says nothing and that all is well', 'exit 0', 'CORRUPT_MEDIA'],
    ['says nonsense', 'echo "{"', 'CORRUPT_MEDIA'],
    ['finds no track', `echo '{"format":{"format_name":"flv"},"streams":[]}'`, 'CORRUPT_MEDIA'],
    [
      'finds a playlist',
      `echo '{"format":{"format_name":"hls"},"streams":[]}'`,
      'UNSUPPORTED_CONTAINER',
    ],
    [
      'talks without end',
      'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done',
      'MEDIA_TOO_COMPLEX',
    ],
  ])('and %s is not believed', async (_, text, code) => {
    const reading = open(text).probe(mediaFile('h264.flv'), 'flv', signal);
    await expect(reading).rejects.toMatchObject({ code, kind: 'permanent' });
  });

  it('or is not there makes the probe unavailable, and is looked for again', async () => {
    const missing = new FfprobeProbe({ ...OPTIONS, ffprobePath: join(directory, 'ffprobe') });
    const reading = () => missing.probe(mediaFile('h264.flv'), 'flv', signal);
    await expect(reading()).rejects.toMatchObject({ code: 'PROBE_UNAVAILABLE', kind: 'transient' });
    script(
      `echo '{"format":{"format_name":"flv","duration":"1"},"streams":[{"codec_type":"audio"}]}'`,
    );
    expect(await reading()).toMatchObject({ durationSeconds: 1 });
  });
});
