import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isShortage } from '#adapters/probe/media-fault.ts';
import { PatientWall } from '#adapters/probe/patient-wall.ts';
import { processFacts } from '#adapters/probe/process-facts.ts';
import { ForgeError } from '#domain/errors.ts';
import { FileSource } from '../../support/file-source.ts';
import { Processes } from '../../support/processes.ts';

const WALL_MS = 1000;

describe('PatientWall', () => {
  let wall: PatientWall;
  let isToBlame: () => Promise<boolean>;
  const asked = vi.fn(() => isToBlame());
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    vi.useFakeTimers();
    asked.mockClear();
    isToBlame = async () => true;
    wall = new PatientWall({ wallMs: WALL_MS, isToBlame: asked });
  });
  afterEach(() => {
    wall.end();
    vi.useRealTimers();
  });

  it('blames the file when its time is over, and not before', async () => {
    await pass(WALL_MS - 1);
    expect(wall.signal.aborted).toBe(false);
    await pass(1);
    expect(wall.signal.reason).toMatchObject({ code: 'PROBE_TIMEOUT', kind: 'permanent' });
  });

  it('gives more time where the file is not to blame, until it is', async () => {
    isToBlame = async () => false;
    await pass(WALL_MS * 3);
    expect(wall.signal.aborted).toBe(false);
    isToBlame = async () => true;
    await pass(WALL_MS / 10);
    expect(wall.signal.reason).toMatchObject({ code: 'PROBE_TIMEOUT' });
  });

  it.each<[string, () => Promise<boolean>]>([
    ['is not to blame', async () => false],
    ['cannot be judged', () => Promise.reject(new Error('it has ended'))],
    ['cannot be judged, and nobody says so', () => new Promise(() => {})],
  ])('blames the machine in the end where the file %s', async (_, judge) => {
    isToBlame = judge;
    await pass(WALL_MS * 6 - 1);
    expect(wall.signal.aborted).toBe(false);
    await pass(1);
    expect(wall.signal.reason).toMatchObject({ code: 'PROBE_UNAVAILABLE', kind: 'transient' });
    const { reason } = wall.signal;
    expect(reason instanceof ForgeError && isShortage(reason.cause)).toBe(true);
  });

  it('counts no time in which bytes are awaited, several at once or one after the other', async () => {
    const source = new FileSource(new Uint8Array(9));
    const { signal } = new AbortController();
    const slow = wall.around({
      ...{ size: source.size, etag: source.etag, cost: source.cost },
      stream: () => source.stream(signal),
      read: async (start, end) => {
        await new Promise((resolve) => setTimeout(resolve, WALL_MS * 5));
        return source.read(start, end, signal);
      },
    });
    await pass(WALL_MS / 2);
    const reads = [slow.read(0, 3, signal), slow.read(3, 6, signal)];
    await pass(WALL_MS * 5);
    await Promise.all(reads);
    const last = slow.read(6, 9, signal);
    await pass(WALL_MS * 5);
    await last;
    await pass(WALL_MS / 2 - 1);
    expect(asked).not.toHaveBeenCalled();
    await pass(1 + WALL_MS / 10);
    expect(wall.signal.reason).toMatchObject({ code: 'PROBE_TIMEOUT' });
  });

  it('counts nothing before the first read, where that is asked of it', async () => {
    wall.end();
    wall = new PatientWall({ wallMs: WALL_MS, isToBlame: asked, fromFirstRead: true });
    const source = wall.around(new FileSource(new Uint8Array(9)));
    await pass(WALL_MS * 10);
    expect(wall.signal.aborted).toBe(false);
    await source.read(0, 9, new AbortController().signal);
    await pass(WALL_MS - 1);
    expect(wall.signal.aborted).toBe(false);
    await pass(1);
    expect(wall.signal.reason).toMatchObject({ code: 'PROBE_TIMEOUT' });
  });

  it('counts a time in which nobody could look, because the process was frozen, as one look', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    wall.end();
    wall = new PatientWall({ wallMs: WALL_MS, isToBlame: asked });
    for (let looks = 1; looks < 10; looks += 1) {
      now.mockReturnValue(WALL_MS * 100 * looks);
      await pass(WALL_MS / 10);
    }
    expect(asked).not.toHaveBeenCalled();
    now.mockReturnValue(WALL_MS * 2000);
    await pass(WALL_MS / 10);
    expect(asked).toHaveBeenCalledOnce();
  });

  it('goes on when bytes do not come', async () => {
    const failing = new FileSource(() => {
      throw new Error('down');
    }, 9);
    const reading = wall.around(failing).read(0, 9, new AbortController().signal);
    await expect(reading).rejects.toThrow('down');
    await pass(WALL_MS);
    expect(wall.signal.reason).toMatchObject({ code: 'PROBE_TIMEOUT' });
  });

  it('never aborts once it has ended', async () => {
    wall.end();
    await pass(WALL_MS * 10);
    expect(wall.signal.aborted).toBe(false);
  });
});

/** Far over the wall. */
const FROZEN_MS = 2500;

const FROZEN = `
  import { mkdtempSync } from 'node:fs';
  import { runJailed } from '#adapters/probe/jail.ts';
  import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
  import { mediaFile } from './tests/support/file-source.ts';
  const wallMs = ${WALL_MS};
  const { signal } = new AbortController();
  const freeze = () => process.kill(process.pid, 'SIGSTOP');
  const probes = {
    thread: async () => {
      const source = mediaFile('clip.mp4');
      const read = source.read.bind(source);
      let reads = 0;
      source.read = async (...range) => {
        reads += 1;
        // When the answer is on its way, and the thread has yet to work on it.
        if (reads === 1) setImmediate(freeze);
        return read(...range);
      };
      const probe = new ThreadedProbe({ threadsMax: 1, heapBytesMax: 2 ** 27, wallMs });
      return probe.probe(source, 'mp4', signal).then(({ container }) => container);
    },
    child: async () => {
      const limits = { wallMs, memoryBytesMax: 2 ** 29, stdoutBytesMax: 1000 };
      const options = { limits, directory: '/' };
      const free = { name: 'none', prefix: [] };
      const run = runJailed(free, ['/bin/sh', '-c', 'sleep 0.5; echo here'], options, signal);
      setImmediate(freeze);
      return run.then(({ stdout }) => stdout.trim());
    },
  };
  const said = await probes[process.env.PROBE]().catch(({ code }) => code);
  process.stdout.write('it says ' + said + '.');
  process.exit();`;

describe.skipIf(process.platform !== 'linux')('a process that is frozen for longer', () => {
  it.each([
    ['thread', 'mp4'],
    ['child', 'here'],
  ])(
    'blames no file for it that a %s reads',
    async (PROBE, said) => {
      const processes = new Processes();
      try {
        const node = ['--input-type=module', '--eval', FROZEN];
        const frozen = processes.run(process.execPath, node, { PROBE });
        await vi.waitUntil(async () => (await processFacts(frozen.pid))?.state === 'T', 20_000);
        await sleep(FROZEN_MS);
        frozen.signal('SIGCONT');
        await frozen.untilSaid('it says ');
        expect(frozen.stdout).toBe(`it says ${said}.`);
      } finally {
        await processes.end();
      }
    },
    40_000,
  );
});
