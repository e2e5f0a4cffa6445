// What ffmpeg may do, with the shell in its place where ffmpeg itself would behave.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { locateFfmpeg } from '#adapters/probe/ffmpeg/ffmpeg-binary.ts';
import { mediaBytes } from '../../../support/file-source.ts';
import { describeFfmpeg, jailedFfmpeg } from '../../../support/media-maker.ts';

// Processes start late on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

const signal = new AbortController().signal;
const SAMPLES = { output: ['-map', '0:a:0', '-f', 's16le'] };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ffmpeg-test-'));
  chmodSync(directory, 0o711);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function file(bytes: Uint8Array | string) {
  const path = join(directory, 'copy');
  writeFileSync(path, bytes);
  return { path, directory };
}

/** A command that passes for ffmpeg until it is given a file that is longer than the one it is tried on. */
function pretender(script: string) {
  const path = join(directory, 'pretender');
  const trial = 'for a; do case $a in file:*) f=$(echo $a | cut -c6-); esac; done';
  const body = `if [ $(wc -c < "$f") -lt 100 ]; then printf 1234; else ${script}; fi`;
  writeFileSync(path, `#!/bin/sh\nPATH=/bin:/usr/bin\n${trial}\n${body}\n`, { mode: 0o755 });
  return path;
}

describe('locateFfmpeg', () => {
  it('takes the one that is asked for, or the first on the path', async () => {
    const path = join(directory, 'ffmpeg');
    writeFileSync(path, '', { mode: 0o755 });
    expect(await locateFfmpeg(undefined, ['/nonexistent', directory, '/usr/bin'])).toBe(path);
    expect(await locateFfmpeg(path, [])).toBe(path);
  });

  it.each([
    [undefined, []],
    [undefined, ['/nonexistent']],
    ['/nonexistent/ffmpeg', ['/usr/bin']],
  ])('says so where there is none: %s on %s', async (asked, path) => {
    await expect(locateFfmpeg(asked, path)).rejects.toMatchObject({
      code: 'PROBE_UNAVAILABLE',
      kind: 'permanent',
      message: 'there is no ffmpeg to run',
    });
  });
});

describe.skipIf(process.platform === 'win32')('Ffmpeg that is not one', () => {
  const long = 'x'.repeat(200);
  const reading = (script: string, jail = {}, its = signal) =>
    jailedFfmpeg({ wallMs: 20_000, ...jail }, { ffmpegPath: pretender(script) }).read(
      file(long),
      SAMPLES,
      its,
    );

  it('says so where there is none, and looks again when it is asked again', async () => {
    const ffmpeg = jailedFfmpeg({}, { searchPath: [join(directory, 'bin')] });
    const unavailable = { code: 'PROBE_UNAVAILABLE', message: 'there is no ffmpeg to run' };
    await expect(ffmpeg.read(file(long), SAMPLES, signal)).rejects.toMatchObject(unavailable);
    await expect(ffmpeg.confinement()).rejects.toMatchObject(unavailable);
  });

  it('is not used where it does not decode what is known to be good', async () => {
    const path = join(directory, 'wrong');
    writeFileSync(path, '#!/bin/sh\necho hello', { mode: 0o755 });
    const ffmpeg = jailedFfmpeg({}, { ffmpegPath: path });
    await expect(ffmpeg.read(file(long), SAMPLES, signal)).rejects.toMatchObject({
      code: 'PROBE_UNAVAILABLE',
      kind: 'permanent',
      message: 'ffmpeg does not run here',
    });
  });

  it('is ended when its time is over', async () => {
    await expect(reading('sleep 300', { wallMs: 3000 })).rejects.toMatchObject({
      code: 'PROBE_TIMEOUT',
      kind: 'permanent',
    });
  });

  it('is ended when it says too much', async () => {
    await expect(reading('yes', { stdoutBytesMax: 1000 })).rejects.toMatchObject({
      code: 'MEDIA_TOO_COMPLEX',
      kind: 'permanent',
    });
  });

  it('has come to a bad end where something killed it', async () => {
    await expect(reading('kill -SEGV $$')).rejects.toMatchObject({
      code: 'MEDIA_TOO_COMPLEX',
      message: 'ffmpeg ended by SIGSEGV',
    });
  });

  it('has made nothing where it says nothing, whatever its exit code', async () => {
    await expect(reading('echo why >&2; exit 0')).rejects.toMatchObject({
      code: 'CORRUPT_MEDIA',
      kind: 'permanent',
    });
    expect(String(await reading('printf fine; exit 1'))).toBe('fine');
  });

  it('is ended by an abort, with all that it started', async () => {
    const controller = new AbortController();
    // Files may not grow in the jail, so the child tells its number by the name of a link.
    chmodSync(directory, 0o777);
    const script = `sleep 300 & ln -s $! ${directory}/child; wait`;
    const failed = expect(reading(script, {}, controller.signal)).rejects.toThrow('lost the lease');
    await vi.waitFor(() => expect(readdirSync(directory)).toContain('child'), { timeout: 20_000 });
    const pid = Number(readlinkSync(join(directory, 'child')));
    controller.abort(new Error('lost the lease'));
    await failed;
    const alive = () =>
      existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    await vi.waitFor(() => expect(alive()).toBe(false));
  });
});

describeFfmpeg('Ffmpeg', () => {
  it('says what it makes of a file', async () => {
    const samples = await jailedFfmpeg().read(file(mediaBytes('tone.wav')), SAMPLES, signal);
    expect(samples.length).toBeGreaterThan(1000);
  });

  it('hands on more than it may keep', async () => {
    let heard = 0;
    const onStdout = (chunk: Buffer): void => {
      heard += chunk.length;
    };
    const ffmpeg = jailedFfmpeg({ stdoutBytesMax: 1000 });
    await ffmpeg.listen(file(mediaBytes('tone.wav')), SAMPLES, { onStdout }, signal);
    expect(heard).toBeGreaterThan(1000);
  });

  it.each([
    ['a playlist of the network', (url: string) => `#EXTM3U\n#EXTINF:1,\n${url}/a.ts\n`],
    ['a playlist of this machine', () => `#EXTM3U\n#EXTINF:1,\nfile://${directory}/other\n`],
    ['a list to be joined', () => `ffconcat version 1.0\nfile other\n`],
    [
      'a DASH manifest',
      (url: string) =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${url}/d.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    ],
    [
      'a session',
      () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n',
    ],
  ])('reads nothing but the file, where that is %s', async (_, text) => {
    let hits = 0;
    const canary = createServer((_request, response) => {
      hits += 1;
      response.end();
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    try {
      writeFileSync(join(directory, 'other'), mediaBytes('h264.mpegts'), { mode: 0o444 });
      const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
      const reading = jailedFfmpeg().read(file(text(url)), SAMPLES, signal);
      await expect(reading).rejects.toMatchObject({ code: 'CORRUPT_MEDIA' });
      expect(hits).toBe(0);
    } finally {
      canary.close();
    }
  });

  it.runIf(process.platform === 'linux')('gets no more memory than it may have', async () => {
    const ffmpeg = jailedFfmpeg({ memoryBytesMax: 450 * 1024 ** 2 });
    // A picture as large as a house, of a few bytes: ffmpeg has to give up, this process does not.
    const output = [
      '-filter_complex',
      'color=s=16000x16000:d=1[v]',
      '-map',
      '[v]',
      '-f',
      'rawvideo',
    ];
    const reading = ffmpeg.read(file(mediaBytes('tone.wav')), { output }, signal);
    await expect(reading).rejects.toMatchObject({
      code: expect.stringMatching(/CORRUPT_MEDIA|MEDIA_TOO_COMPLEX/),
    });
  });
});
