// Whose copies are removed. A process that has ended is one of our own, and so is one that lives.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ownedPrefix, removeOrphanedCopies } from '#adapters/probe/copy-owner.ts';
import { Processes } from '../../support/processes.ts';

let temporary: string;
let processes: Processes;

beforeEach(() => {
  processes = new Processes();
  temporary = mkdtempSync(join(tmpdir(), 'owner-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(async () => {
  await processes.end();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

/** A copy as a probe leaves it. */
function copy(name: string): string {
  mkdirSync(join(temporary, name));
  writeFileSync(join(temporary, name, 'c0ffee'), 'bytes', { mode: 0o444 });
  chmodSync(join(temporary, name), 0o711);
  return name;
}

/** The prefix of a process, which has been killed since. */
async function prefixOfTheDead(): Promise<string> {
  const sleeper = processes.run('sleep', ['300']);
  const prefix = await ownedPrefix(sleeper.pid);
  sleeper.signal('SIGKILL');
  await sleeper.exitCode();
  return prefix;
}

describe.skipIf(process.platform === 'win32')('removeOrphanedCopies', () => {
  it('removes those of a process that was killed', async () => {
    const prefix = await prefixOfTheDead();
    copy(`${prefix}aaaaaa`);
    copy(`${prefix}bbbbbb`);
    expect(await removeOrphanedCopies()).toBe(2);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('keeps those of the living', async () => {
    const sleeper = processes.run('sleep', ['300']);
    const kept = [copy(`${await ownedPrefix()}aaaaaa`), copy(`${await ownedPrefix(sleeper.pid)}b`)];
    expect(await removeOrphanedCopies()).toBe(0);
    expect(readdirSync(temporary).sort()).toEqual(kept.sort());
  });

  it.skipIf(process.platform !== 'linux')(
    'removes those of a process whose number another one has now',
    async () => {
      const prefix = await ownedPrefix();
      copy(
        `${prefix.replace(/-(\d+)-([0-9a-f]{16})-$/, (_, at, where) => `-${Number(at) - 1}-${where}-`)}aaaaaa`,
      );
      expect(await removeOrphanedCopies()).toBe(1);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  it('keeps what is of other machines and containers, and what has another name', async () => {
    const prefix = await prefixOfTheDead();
    const kept = [
      copy(`${prefix.replace(/[0-9a-f]{16}-$/, `${'0'.repeat(16)}-`)}aaaaaa`),
      copy('streamforge-test-1-2-aaaaaa'),
      copy(`not-${prefix}aaaaaa`),
    ];
    symlinkSync(temporary, join(temporary, `${prefix}link`));
    kept.push(`${prefix}link`);
    expect(await removeOrphanedCopies()).toBe(0);
    expect(readdirSync(temporary).sort()).toEqual(kept.sort());
  });

  it.skipIf(process.getuid?.() !== 0)(
    'keeps what is of other users (skipped: only root can give things away)',
    async () => {
      const kept = copy(`${await prefixOfTheDead()}aaaaaa`);
      execFileSync('chown', ['65534', join(temporary, kept)]);
      expect(await removeOrphanedCopies()).toBe(0);
      expect(readdirSync(temporary)).toEqual([kept]);
    },
  );

  it('finds nothing where there is no directory', async () => {
    vi.stubEnv('TMPDIR', join(temporary, 'nowhere'));
    expect(await removeOrphanedCopies()).toBe(0);
  });
});
