import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a process is given besides PATH and HOME, which are this process's own. */
type Variables = Readonly<Record<string, string>>;

/** How a process is started. */
export interface Launch {
  /** Names its log. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Variables;
  /** Every line it writes, to either stream. */
  readonly onLine?: (line: string) => void;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process at the head of a group of its own. */
export interface GroupedProcess {
  readonly pid: number;
  readonly ended: boolean;
  readonly exit: Promise<Exit>;
  /** To the process alone. One that has ended does not mind. */
  signal(name: NodeJS.Signals): void;
  /** The match of the first line that matches. Rejects when it ends without one. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/**
 * Kills what is left when this process has died, whatever of, and removes the directory. It sees that by the end of its
 * standard input. A group is a file of its name, there for as long as its leader lives.
 */
const REAPER = `cat > /dev/null
for file in "$1"/groups/*; do kill -s KILL -- "-\${file##*/}" 2> /dev/null; done
[ "$2" = keep ] || rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`;

/** Processes and a directory, of which nothing is left at the end: neither after `end`, nor after a crash of this process. */
export class ProcessGroups {
  /** Theirs alone. `logs` in it has what each of them wrote. */
  readonly directory: string;
  readonly #keep: boolean;
  readonly #reaper: ChildProcess;
  readonly #running = new Map<number, GroupedProcess>();
  #isOver = false;

  private constructor(directory: string, keep: boolean) {
    this.directory = directory;
    this.#keep = keep;
    this.#reaper = spawn('sh', ['-c', REAPER, 'reaper', directory, keep ? 'keep' : ''], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  }

  /** @param keep Leaves the directory where it is. */
  static async open(prefix: string, keep: boolean): Promise<ProcessGroups> {
    const directory = await mkdtemp(join(tmpdir(), prefix));
    for (const name of ['groups', 'logs']) await mkdir(join(directory, name));
    return new ProcessGroups(directory, keep);
  }

  /** Rejects once the end has begun: nothing may be started behind its back. */
  async start({ name, command, args, env = {}, onLine }: Launch): Promise<GroupedProcess> {
    if (this.#isOver) throw new Error(`${name} is not started any more`);
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(command, args, {
      detached: true,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(child, 'spawn');
    if (this.#isOver) {
      killGroup(child.pid ?? 0);
      throw new Error(`${name} is not started any more`);
    }
    const grouped = new Grouped(child, join(this.directory, 'logs', `${name}.log`), onLine);
    const { pid } = grouped;
    this.#running.set(pid, grouped);
    const file = join(this.directory, 'groups', String(pid));
    writeFileSync(file, '');
    void grouped.exit.then(() => {
      this.#running.delete(pid);
      rmSync(file, { force: true });
    });
    return grouped;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const [pid, { exit }] of this.#running) {
      killGroup(pid);
      await exit;
    }
    if (!this.#keep) await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
    this.#reaper.stdin?.end();
    if (this.#reaper.exitCode === null) await once(this.#reaper, 'exit');
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

class Grouped implements GroupedProcess {
  readonly pid: number;
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(child: ChildProcess, log: string, onLine?: (line: string) => void) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    const file = createWriteStream(log, { flags: 'a' });
    // The directory may be gone before the last words are written.
    file.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        file.write(`${line}\n`);
        onLine?.(line);
        // A line to wait for is among the first ones.
        if (this.#lines.length < 200) this.#lines.push(line);
        for (const listener of this.#listeners) listener();
      });
    }
    this.exit = once(child, 'close').then(() => {
      file.end();
      for (const listener of this.#listeners) listener();
      return { code: child.exitCode, signal: child.signalCode };
    });
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const text = this.#lines.join('\n');
        const match = pattern.exec(text);
        if (!match && !this.ended) return;
        this.#listeners.delete(look);
        if (match) resolve(match);
        else reject(new Error(`ended without ${pattern}: ${text.slice(-2000)}`));
      };
      this.#listeners.add(look);
      look();
    });
  }
}
