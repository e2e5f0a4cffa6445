import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Processes } from '../support/processes.ts';

const processes = new Processes();
afterEach(() => processes.end());

const run = (args: readonly string[], env = {}) =>
  processes.run(process.execPath, ['tests/fuzz/main.ts', ...args], env);

/** The number of files bounds it, and not a clock that may be slow. */
const BOUNDED = ['--json', '--seconds', '600'];

describe('npm run fuzz', { timeout: 180_000 }, () => {
  it('finds every damaged file ended as it should, and leaves nothing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'streamforge-fuzz-test-'));
    const fuzzing = run([...BOUNDED, '--files', '60', '--seed', '1'], { TMPDIR: directory });
    const code = await fuzzing.exitCode();
    const result = JSON.parse(fuzzing.stdout);
    expect(result).toMatchObject({ ok: true, seed: 1, failures: [] });
    expect([code, fuzzing.stderr]).toEqual([0, '']);
    expect(result.files).toBe(60);
    expect(Object.keys(result.outcomes)).toContain('CORRUPT_MEDIA');
    // Node's own cache of compiled code is no temporary file of ours.
    const left = readdirSync(directory).filter((name) => name.startsWith('streamforge'));
    expect(left).toEqual([]);
    await rm(directory, { recursive: true });
  });

  it('keeps the files that made a failure', async () => {
    const keep = join(await processes.directory(), 'kept');
    // Without an ffprobe most files cannot be judged, and that is no file's fault.
    const env = { PROBE_ENGINE: 'ffprobe', FFPROBE_PATH: '/nowhere/ffprobe' };
    const args = [...BOUNDED, '--files', '20', '--seed', '2', '--keep', keep];
    const fuzzing = run(args, env);
    expect(await fuzzing.exitCode()).toBe(1);
    const { failures } = JSON.parse(fuzzing.stdout);
    expect(failures.length).toBeGreaterThan(0);
    for (const { file } of failures) expect(existsSync(file)).toBe(true);
  });

  it('refuses what it does not understand', async () => {
    const fuzzing = run(['--seconds', 'x']);
    expect(await fuzzing.exitCode()).not.toBe(0);
    expect(fuzzing.stderr).toContain('--seconds takes a whole number');
  });
});
