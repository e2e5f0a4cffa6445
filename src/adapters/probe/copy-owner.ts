import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { processFacts } from './process-facts.ts';

/** Whose, since when, and where its number means something; then what makes it unique. */
const OWNED = /^streamforge-copy-(\d+)-(\d+)-([0-9a-f]{16})-/;

/** How the names of this process's copies begin. A number alone would be that of another process some day. */
export async function ownedPrefix(pid = process.pid): Promise<string> {
  const [since, where] = await Promise.all([startOf(pid), here()]);
  return `streamforge-copy-${pid}-${since ?? '0'}-${where}-`;
}

/**
 * Removes the copies that killed processes have left in the directory for temporary files. Those of the living stay, and
 * those of other users, machines and containers, of which nobody here knows whether they live.
 *
 * @returns How many directories are gone.
 */
export async function removeOrphanedCopies(): Promise<number> {
  const directory = tmpdir();
  const names = await readdir(directory).catch(() => []);
  const removed = await Promise.all(
    names.map(async (name) => {
      if (!(await isOrphaned(name))) return false;
      return removeOurs(join(directory, name));
    }),
  );
  return removed.filter(Boolean).length;
}

async function isOrphaned(name: string): Promise<boolean> {
  const [, pid, since, where] = OWNED.exec(name) ?? [];
  if (pid === undefined || where !== (await here())) return false;
  const now = await startOf(Number(pid));
  return now === null || now !== since;
}

/** Two may do it at once: what is gone is gone. */
async function removeOurs(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) return false;
    await rm(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

/** When a process was started; `0` where nobody tells; null where it is not alive. */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const facts = await processFacts(pid);
    return facts && facts.state !== 'Z' ? facts.startedAt : null;
  }
  try {
    process.kill(pid, 0);
    return '0';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? null : '0';
  }
}

/** The life of this machine, and the container in it: processes are numbered anew in each. */
async function here(): Promise<string> {
  const parts = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return createHash('sha256')
    .update([hostname(), ...parts].join('\n'))
    .digest('hex')
    .slice(0, 16);
}
