// What a jailed process may do, with the shell as the process: it is killed with all that it started.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { confinements, type JailLimits, runJailed } from '#adapters/probe/jail.ts';
import { Processes } from '../../support/processes.ts';

// Processes and threads start late on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 });

const FREE = { name: 'none', prefix: [] };
const LIMITS: JailLimits = {
  wallMs: 10_000,
  memoryBytesMax: 512 * 1024 * 1024,
  stdoutBytesMax: 1000,
};
const signal = new AbortController().signal;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'jail-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const sh = (script: string, limits = LIMITS, its = signal) =>
  runJailed(FREE, ['/bin/sh', '-c', script], { limits, directory }, its);

/** The process ids that the script wrote down, once it has. */
async function pids(): Promise<readonly number[]> {
  const read = () => readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n').map(Number);
  await vi.waitFor(() => expect(read()).toHaveLength(2), { timeout: 5000 });
  return read();
}

/** One that is dead but not yet buried by its parent, who may be asleep, is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const FAMILY = 'sleep 300 & echo $! > family; echo $$ >> family; mv family pids; wait';

describe.skipIf(process.platform === 'win32')('runJailed', () => {
  it('answers with what the command said, and how it ended', async () => {
    expect(await sh('echo out; echo err >&2; exit 3')).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      exitCode: 3,
      killedBy: null,
    });
  });

  it('gives it no environment and no input', async () => {
    const { stdout } = await sh('echo "[$HOME$USER$AWS_REGION$NODE_OPTIONS]"; cat; pwd');
    expect(stdout).toBe(`[]\n${directory}\n`);
  });

  it('kills it and its children when its time is over', async () => {
    const reading = sh(FAMILY, { ...LIMITS, wallMs: 2000 });
    const failed = expect(reading).rejects.toMatchObject({
      code: 'PROBE_TIMEOUT',
      kind: 'permanent',
    });
    const family = await pids();
    await failed;
    await vi.waitFor(() => expect(family.filter(isAlive)).toEqual([]));
  });

  it('blames one that uses a processor all its time', async () => {
    const reading = sh('while :; do :; done', { ...LIMITS, wallMs: 500 });
    await expect(reading).rejects.toMatchObject({ code: 'PROBE_TIMEOUT', kind: 'permanent' });
  });

  it.skipIf(process.platform !== 'linux')(
    'does not blame one that somebody else has stopped, and kills it in the end',
    async () => {
      const reading = sh(
        FAMILY.replace('wait', () => 'kill -STOP $$'),
        { ...LIMITS, wallMs: 400 },
      );
      const failed = expect(reading).rejects.toMatchObject({
        code: 'PROBE_UNAVAILABLE',
        kind: 'transient',
      });
      const family = await pids();
      await failed;
      await vi.waitFor(() => expect(family.filter(isAlive)).toEqual([]));
    },
  );

  it('kills it and its children when the signal aborts', async () => {
    const controller = new AbortController();
    const reading = sh(FAMILY, LIMITS, controller.signal);
    const failed = expect(reading).rejects.toThrow('lost the lease');
    const family = await pids();
    expect(family.filter(isAlive)).toEqual(family);
    controller.abort(new Error('lost the lease'));
    await failed;
    await vi.waitFor(() => expect(family.filter(isAlive)).toEqual([]));
  });

  it('kills what it leaves behind', async () => {
    const reading = sh(FAMILY.replace('wait', 'exit 0'));
    const family = await pids();
    expect(await reading).toMatchObject({ exitCode: 0 });
    await vi.waitFor(() => expect(family.filter(isAlive)).toEqual([]));
  });

  it('stops listening to one that says too much', async () => {
    const reading = sh('while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done');
    await expect(reading).rejects.toMatchObject({ code: 'MEDIA_TOO_COMPLEX' });
  });

  it('keeps little of what it complains of', async () => {
    const { stderr } = await sh(
      'i=0; while [ $i -lt 999 ]; do echo 0123456789 >&2; i=$((i+1)); done',
    );
    expect(stderr).toHaveLength(4096);
  });

  it('tells who killed it, where that was not us', async () => {
    expect(await sh('kill -SEGV $$')).toMatchObject({ exitCode: null, killedBy: 'SIGSEGV' });
  });

  it('starts nothing for whoever has left', async () => {
    await expect(sh('touch here', LIMITS, AbortSignal.abort(new Error('left')))).rejects.toThrow(
      'left',
    );
  });

  it('says what cannot be started', async () => {
    const run = runJailed(FREE, ['/no/such/file'], { limits: LIMITS, directory }, signal);
    await expect(run).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

const isMortal = spawnSync('/bin/sh', ['-c', 'setpriv --help'], {
  encoding: 'utf8',
}).stdout?.includes('pdeathsig');
const why = isMortal ? '' : ' (skipped: setpriv knows no parent-death signal here)';

describe.skipIf(!isMortal)(`a process that is killed${why}`, () => {
  it('takes with it what it has jailed', async (test) => {
    const processes = new Processes();
    test.onTestFinished(() => processes.end());
    const all = await confinements(LIMITS);
    const mortal = all.find(({ name }) => name === 'limits, no new privileges');
    const script = `
      import { runJailed } from '#adapters/probe/jail.ts';
      const [confinement, limits, directory] = JSON.parse(process.env.JAIL);
      const { signal } = new AbortController();
      await runJailed(confinement, ['/bin/sleep', '300'], { limits, directory }, signal);`;
    const JAIL = JSON.stringify([mortal, { ...LIMITS, wallMs: 60_000 }, directory]);
    const jailer = processes.run(process.execPath, ['--input-type=module', '--eval', script], {
      JAIL,
    });
    const sleeper = (): string | undefined =>
      readFileSync(`/proc/${jailer.pid}/task/${jailer.pid}/children`, 'utf8')
        .split(' ')
        .filter((pid) => pid !== '')
        .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/bin/sleep'));
    const jailed = Number(await vi.waitUntil(sleeper, 20_000));
    jailer.signal('SIGKILL');
    await vi.waitUntil(() => !isAlive(jailed), 20_000);
    expect(isAlive(jailed)).toBe(false);
  });
});

describe('confinements', () => {
  it('go from the strictest to none', async () => {
    const all = await confinements(LIMITS);
    expect(all.at(-1)).toEqual({ name: 'none', prefix: [] });
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('bound memory, time and files wherever they bound anything', async () => {
    const bounded = (await confinements(LIMITS)).slice(0, -1);
    for (const { prefix } of bounded) {
      expect(prefix).toEqual(expect.arrayContaining(['--as=536870912', '--cpu=10', '--fsize=0']));
    }
    expect(bounded.every(({ prefix }) => prefix.at(-1) === '--')).toBe(true);
  });
});

const TOOLS = ['prlimit', 'unshare', 'setpriv'] as const;
const missing = TOOLS.filter((tool) => !existsSync(`/usr/bin/${tool}`));
const bare = missing.length > 0 ? ` (skipped: there is no ${missing.join(', ')} here)` : '';

describe.skipIf(bare !== '')(`a machine without all that confines${bare}`, () => {
  it.each([
    [[], 'none'],
    [['prlimit'], 'limits'],
    [['unshare'], 'no network'],
    [['setpriv'], 'no new privileges, nobody'],
    [['prlimit', 'setpriv'], 'limits, no new privileges, nobody'],
    [['prlimit', 'unshare'], 'limits, no network'],
    [['unshare', 'setpriv'], 'no network, no new privileges, nobody'],
    [TOOLS, 'limits, no network, no new privileges, nobody'],
  ])('confines with what it has: %j', async (tools, strictest) => {
    for (const tool of tools) symlinkSync(`/usr/bin/${tool}`, join(directory, tool));
    const all = await confinements(LIMITS, [directory]);
    expect(all[0]?.name).toBe(strictest);
    expect(all.at(-1)).toEqual(FREE);
    const prefixes = all.map(({ prefix }) => prefix.join(' '));
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });

  // A confinement says what it does; here it is held to it.
  it('is told the truth by the names', async () => {
    let hits = 0;
    const canary = createServer((_request, response) => {
      hits += 1;
      response.end();
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    const { port } = canary.address() as AddressInfo;
    const script = `
      status() { grep "^$1:" /proc/self/status | tr -d '\\t '; }
      (exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3 && echo REACHED) 2> /dev/null
      status NoNewPrivs; status Uid; ulimit -v; ulimit -n; ulimit -f; ulimit -c`;
    const works: string[] = [];
    try {
      for (const confinement of await confinements(LIMITS)) {
        const command = ['/bin/bash', '-c', script];
        const options = { limits: LIMITS, directory: '/' };
        const { stdout, exitCode } = await runJailed(confinement, command, options, signal);
        if (exitCode !== 0) continue;
        const { name } = confinement;
        works.push(name);
        const said = (text: string) => stdout.split('\n').includes(text);
        expect([name, said('REACHED')]).toEqual([name, !name.includes('no network')]);
        expect([name, said('NoNewPrivs:1')]).toEqual([name, name.includes('no new privileges')]);
        if (name.includes('nobody')) expect(stdout).toContain('Uid:65534');
        if (!name.includes('limits')) continue;
        // KiB, descriptors, blocks of a file, blocks of a core.
        expect(stdout.trim().split('\n').slice(-4)).toEqual(['524288', '32', '0', '0']);
      }
    } finally {
      canary.close();
    }
    expect(works).toContain('limits, no new privileges');
    expect(hits).toBe(works.filter((name) => !name.includes('no network')).length);
  });
});
