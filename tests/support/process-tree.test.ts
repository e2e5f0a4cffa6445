import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { descendants, PeakMemory, rssBytes, threadCount } from './process-tree.ts';

const HUNDRED_MB = 100_000_000;
const started: ChildProcess[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

const start = (code: string): ChildProcess => {
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'ignore'] });
  started.push(child);
  return child;
};

describe.skipIf(process.platform !== 'linux')('a process tree, which Linux tells of', () => {
  it('is everyone who was started, and nobody when they have ended', async () => {
    const child = start('process.stdin.resume()');
    expect(descendants(process.pid)).toContain(child.pid);
    expect(rssBytes(child.pid ?? 0)).toBeGreaterThan(0);
    await vi.waitFor(() => expect(threadCount(child.pid ?? 0)).toBeGreaterThan(1), 10_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(descendants(process.pid)).not.toContain(child.pid);
  });

  it('has a peak of memory, also where it is over', async () => {
    const peak = new PeakMemory(process.pid);
    const child = start(
      `Buffer.alloc(${HUNDRED_MB}, 1); console.log('full'); process.stdin.resume()`,
    );
    if (child.stdout) await once(child.stdout, 'data');
    const { childBytes, ownBytes } = peak.end();
    expect(childBytes).toBeGreaterThan(HUNDRED_MB);
    expect(ownBytes).toBeGreaterThan(0);
  });
});
