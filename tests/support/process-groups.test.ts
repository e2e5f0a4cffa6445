// Processes of their own groups are gone at the end, with what they started: when the test ends, and when it is killed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ProcessGroups } from './process-groups.ts';
import { EVENTUALLY } from './queue-watch.ts';

/** Whether it runs or could run again; one that nobody has collected yet is as dead as any. */
const isAlive = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.includes('Z');
};

/** Starts one of its own, tells its pid, and does not listen to SIGTERM. */
const PARENT = "trap '' TERM; sleep 1000 & echo child $!; wait";

async function family(groups: ProcessGroups) {
  const parent = await groups.start({ name: 'parent', command: 'sh', args: ['-c', PARENT] });
  const [, child = ''] = await parent.until(/child (\d+)/);
  return { parent, child: Number(child) };
}

describe('ProcessGroups', () => {
  it('tells what a process said and how it ended, and keeps it in a log', async () => {
    const groups = await ProcessGroups.open('streamforge-test-', false);
    onTestFinished(() => groups.end());
    const lines: string[] = [];
    const said = await groups.start({
      name: 'said',
      command: 'sh',
      args: ['-c', 'echo "one $WORD"; echo two >&2; exit 3'],
      env: { WORD: 'word' },
      onLine: (line) => lines.push(line),
    });
    await expect(said.until(/never/)).rejects.toThrow('ended without /never/');
    expect(await said.exit).toEqual({ code: 3, signal: null });
    expect(lines.sort()).toEqual(['one word', 'two']);
    const log = join(groups.directory, 'logs', 'said.log');
    await vi.waitUntil(async () => (await readFile(log, 'utf8')).includes('two'), EVENTUALLY);
    expect(await readFile(log, 'utf8')).toContain('one word');
  });

  it('leaves nothing at the end: no process, frozen or not, none of theirs, no directory', async () => {
    const groups = await ProcessGroups.open('streamforge-test-', false);
    const { parent, child } = await family(groups);
    parent.signal('SIGSTOP');
    await groups.end();
    expect(existsSync(groups.directory)).toBe(false);
    const late = groups.start({ name: 'late', command: 'sh', args: ['-c', 'sleep 1000'] });
    await expect(late).rejects.toThrow('late is not started any more');
    await vi.waitUntil(() => ![parent.pid, child].some(isAlive), EVENTUALLY);
    expect([parent.pid, child].filter(isAlive)).toEqual([]);
  });

  it('leaves nothing when it is killed, either', async () => {
    const script = `
      import { ProcessGroups } from './tests/support/process-groups.ts';
      const groups = await ProcessGroups.open('streamforge-test-', false);
      const parent = await groups.start({ name: 'parent', command: 'sh', args: ['-c', ${JSON.stringify(PARENT)}] });
      const [, child] = await parent.until(/child (\\d+)/);
      console.log(JSON.stringify({ pids: [parent.pid, Number(child)], directory: groups.directory }));
      setInterval(() => {}, 1000);`;
    const harness = spawn(process.execPath, ['--input-type=module-typescript', '-e', script]);
    onTestFinished(() => void harness.kill('SIGKILL'));
    const [line] = (await once(harness.stdout, 'data')) as [Buffer];
    const { pids, directory } = JSON.parse(String(line)) as { pids: number[]; directory: string };
    expect(pids.filter(isAlive)).toHaveLength(2);
    harness.kill('SIGKILL');
    await vi.waitUntil(() => !pids.some(isAlive) && !existsSync(directory), EVENTUALLY);
    expect(existsSync(directory)).toBe(false);
  }, 30_000);
});
