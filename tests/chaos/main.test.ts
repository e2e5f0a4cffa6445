// The command as people run it: what it prints before anything runs, and that nothing is left when it is broken off.
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Processes } from '../support/processes.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { ownRedisUnavailable, suiteName } from '../support/redis.ts';

// Processes take their time where many are at work.
vi.setConfig({ testTimeout: 60_000 });

const processes = new Processes();
afterEach(() => processes.end());

const chaos = (args: readonly string[], env = {}) =>
  processes.run(process.execPath, ['tests/chaos/main.ts', ...args], env);

async function said(...args: string[]): Promise<string> {
  const run = chaos(args);
  expect(await run.exitCode()).toBe(0);
  return run.stdout;
}

describe('npm run chaos', () => {
  it('prints the plan of a seed, the same every time', async () => {
    const size = ['--plan', '--jobs', '300', '--seed', '5', '--workers', '3'];
    const [one, other, json] = await Promise.all([
      said(...size),
      said(...size),
      said(...size, '--json'),
    ]);
    expect(one).toBe(other);
    expect(one).toMatch(/^seed 5, 300 jobs, 3 workers\n/);
    expect(JSON.parse(json)).toMatchObject({ seed: 5, jobs: 300, workers: 3 });
    expect(json.trimEnd()).not.toContain('\n');
  });

  it('says in a line what it cannot do', async () => {
    const run = chaos(['--jobs', 'many']);
    expect(await run.exitCode()).toBe(1);
    expect(run.stderr).toMatch(/^INVALID_CONFIG: --jobs takes .*\n$/);
  });
});

/** The processes of a run whose directory is in this one: the cloud, Redis, the API and the workers. */
async function pidsIn(directory: string): Promise<readonly string[]> {
  const [run = ''] = await readdir(directory);
  return readdir(join(directory, run, 'groups'));
}

/** Whether it runs or could run again; one that nobody has collected yet is as dead as any. */
function isAlive(pid: string): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.includes('Z');
}

describe.skipIf(ownRedisUnavailable !== null)(
  suiteName('npm run chaos, broken off', ownRedisUnavailable),
  () => {
    it.each([
      ['SIGINT', 130],
      ['SIGKILL', null],
    ] as const)('by %s leaves no process and no file', async (signal, code) => {
      const TMPDIR = await processes.directory();
      const run = chaos(['--jobs', '50', '--seed', '1', '--workers', '1'], { TMPDIR });
      await run.untilSaid('running');
      const pids = await pidsIn(TMPDIR);
      expect(pids.filter(isAlive)).toHaveLength(4);
      run.signal(signal);
      expect(await run.exitCode()).toBe(code);
      // A process that was killed may take a moment to be gone.
      await vi.waitUntil(() => !pids.some(isAlive), EVENTUALLY);
      await vi.waitUntil(async () => (await readdir(TMPDIR)).length === 0, EVENTUALLY);
    });
  },
);
