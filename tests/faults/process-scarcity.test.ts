// A machine that has run out of something: descriptors here, room on the disk below. Each probe runs in a process of its
// own, which uses up all descriptors but a few, tells what became of a good file, frees them, and tells it again.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, type TestContext, vi } from 'vitest';
import { mediaBytes } from '../support/file-source.ts';
import { HAS_FFMPEG } from '../support/media-maker.ts';
import { Processes } from '../support/processes.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { stackVariables } from '../support/stack-variables.ts';
import { faultWorld } from './support/fault-world.ts';

/** How one try ended: with the engine's name, or with an error. */
interface Try {
  readonly engine?: string;
  readonly code?: string;
  readonly kind?: string;
}

const MEBIBYTE = 1024 * 1024;

/** Makes `probe`, which is warm where it can be. */
const PROBES = {
  threads: `new ThreadedProbe({ threadsMax: 1, heapBytesMax: ${128 * MEBIBYTE}, wallMs: 10_000 })`,
  ffprobe: 'ffprobe',
  'the last resort': `new EngineProbe({ ffprobe, mediabunny: ignorant }, { additionTimeoutMs: 2000 })`,
} as const;

function triesOf(probe: keyof typeof PROBES, descriptorsLeft: number): readonly Try[] {
  const script = `
    import { closeSync, openSync } from 'node:fs';
    import { EngineProbe } from '#adapters/probe/engine-probe.ts';
    import { FfprobeProbe } from '#adapters/probe/ffprobe-probe.ts';
    import { unsupported } from '#adapters/probe/media-fault.ts';
    import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
    import { mediaFile } from './tests/support/file-source.ts';
    const limits = { wallMs: 10_000, memoryBytesMax: ${512 * MEBIBYTE}, stdoutBytesMax: ${MEBIBYTE} };
    const ffprobe = new FfprobeProbe({ copyBytesMax: ${16 * MEBIBYTE}, jail: limits });
    const ignorant = { probe: async () => { throw unsupported('not known here'); } };
    const probe = ${PROBES[probe]};
    await ffprobe.confinement();
    const signal = new AbortController().signal;
    const source = mediaFile('clip.mp4');
    const attempt = () => probe.probe(source, 'mp4', signal).then(
      ({ engine }) => ({ engine }),
      ({ code, kind }) => ({ code, kind }),
    );
    const taken = [];
    try {
      for (;;) taken.push(openSync('/dev/null'));
    } catch {}
    for (const one of taken.splice(0, ${descriptorsLeft})) closeSync(one);
    const during = await attempt();
    for (const one of taken) closeSync(one);
    process.stdout.write(JSON.stringify([during, await attempt()]));
    process.exit();`;
  const node = [process.execPath, '--input-type=module', '--eval', script];
  const child = spawnSync('/bin/sh', ['-c', 'ulimit -n 100; exec "$@"', 'sh', ...node], {
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  return JSON.parse(child.stdout);
}

// Descriptors that are left, up to where the probe works: some steps of it succeed, and the next one does not.
describe('a good file, where descriptors run out', () => {
  it.each<[keyof typeof PROBES, string, readonly number[]]>([
    ['threads', 'mediabunny', [0, 5]],
    ['ffprobe', 'ffprobe', [0, 1]],
    ['the last resort', 'ffprobe', [3]],
  ])(
    'S8 is not judged by %s, and is read by %s as soon as there are some',
    (probe, engine, left) => {
      for (const descriptors of left) {
        const [during, after] = triesOf(probe, descriptors);
        expect(['EMFILE', 'PROBE_UNAVAILABLE'], `${descriptors} left`).toContain(during?.code);
        expect(during?.kind ?? 'transient').toBe('transient');
        expect(after).toEqual({ engine });
      }
    },
  );
});

/** Where nobody may mount a disk of its own. */
const noDisk =
  spawnSync('unshare', ['-rm', 'true']).status === 0
    ? ''
    : ' (skipped: no namespace can be had here for a small disk)';

/** Runs a command with a disk for its temporary files that is full until a file `go` is there. */
const WITH_FULL_DISK = `
  mount -t tmpfs -o size=256k none "$TMPDIR" && head -c 230k /dev/zero > "$TMPDIR/filler" || exit 9
  (while kill -0 $$ && [ ! -e "$GO" ]; do sleep 0.1; done; rm "$TMPDIR/filler") 2> /dev/null &
  exec "$@"`;

/** A worker whose disk is full, a clip it gave back for that, and what makes room again. */
async function withFullDisk(test: TestContext, variables: Readonly<Record<string, string>>) {
  const { stack } = await faultWorld(test, { derives: true });
  const processes = new Processes();
  test.onTestFinished(() => processes.end());
  const directory = await processes.directory();
  const [disk, go] = [join(directory, 'disk'), join(directory, 'go')];
  await mkdir(disk);
  const node = [process.execPath, 'src/main/worker.ts'];
  const worker = processes.run('unshare', ['-rm', 'sh', '-c', WITH_FULL_DISK, 'sh', ...node], {
    ...stackVariables(stack),
    ...{ TMPDIR: disk, GO: go, ...variables },
  });
  await worker.untilSaid('worker is polling');
  const { id } = await stack.upload('clip.mp4', 'video/mp4', mediaBytes('clip.mp4'));
  await vi.waitFor(async () => {
    const given = (await stack.row(id)).history.find(({ step }) => step === 'release');
    expect(given).toMatchObject({ status: 'PROCESSING', code: 'PROBE_UNAVAILABLE' });
  }, EVENTUALLY);
  return { stack, id, makeRoom: () => writeFile(go, '') };
}

describe('a worker whose disk is full', () => {
  it.skipIf(noDisk !== '')(
    `S7 gives back what it would have to copy, and ends it well when there is room${noDisk}`,
    async (test) => {
      const { stack, id, makeRoom } = await withFullDisk(test, { PROBE_ENGINE: 'ffprobe' });
      await makeRoom();
      const row = await stack.untilDone(id, 'COMPLETED');
      expect(row.history.map(({ status }) => status)).not.toContain('FAILED');
      expect(row.result?.probe.engine).toBe('ffprobe');
    },
  );

  it.skipIf(noDisk !== '' || !HAS_FFMPEG)(
    `S7 makes what is made of a copy when there is room${noDisk} (skipped without an ffmpeg)`,
    async (test) => {
      const { stack, id, makeRoom } = await withFullDisk(test, {});
      await makeRoom();
      const { result } = await stack.untilDone(id, 'COMPLETED');
      expect(result?.derivatives).toMatchObject([
        { name: 'poster', status: 'ready' },
        { name: 'storyboard', status: 'ready' },
        { name: 'storyboard-vtt', status: 'ready' },
      ]);
    },
  );

  it.skipIf(noDisk !== '' || !HAS_FFMPEG)(
    `S7 completes what it cannot copy, without, where there is never room${noDisk} (skipped without an ffmpeg)`,
    async (test) => {
      const { stack, id } = await withFullDisk(test, { WORKER_ATTEMPTS_MAX: '2' });
      const { result } = await stack.untilDone(id, 'COMPLETED');
      expect(result?.metadata).toMatchObject({ kind: 'video' });
      const reason = 'left out of the last attempt';
      expect(result?.derivatives).toEqual([
        { name: 'poster', status: 'failed', reason },
        { name: 'storyboard', status: 'failed', reason },
      ]);
    },
  );
});
