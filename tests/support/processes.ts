import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Variables = Readonly<Record<string, string>>;

/** An entry point as a process of its own, and what it has said so far. */
export class Process {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(command: string, args: readonly string[], env: Variables) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(command, args, { env: { PATH, HOME, ...env }, stdio: 'pipe' });
    this.#closed = once(this.#child, 'close');
    this.#child.stdout?.on('data', (chunk) => {
      this.stdout += String(chunk);
      this.#child.emit('said');
    });
    this.#child.stderr?.on('data', (chunk) => {
      this.stderr += String(chunk);
      this.#child.emit('said');
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The signal that ended it, if one did. */
  get endedBy(): NodeJS.Signals | null {
    return this.#child.signalCode;
  }

  /** Resolves when the text is in what it has said; rejects when it ends without. */
  async untilSaid(text: string): Promise<void> {
    while (!`${this.stdout}${this.stderr}`.includes(text)) {
      if (this.ended) throw new Error(`ended without '${text}': ${this.stdout}${this.stderr}`);
      await Promise.race([once(this.#child, 'exit'), once(this.#child, 'said')]);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code, once it and its output have ended; null where a signal ended it. */
  async exitCode(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }
}

/** Processes and directories of one test file; `end` leaves nothing behind. */
export class Processes {
  readonly #started: Process[] = [];
  readonly #directories: string[] = [];

  /** Starts `src/main/<name>.ts`. */
  main(name: string, args: readonly string[] = [], env: Variables = {}): Process {
    return this.run(process.execPath, [`src/main/${name}.ts`, ...args], env);
  }

  run(command: string, args: readonly string[], env: Variables = {}): Process {
    const started = new Process(command, args, env);
    this.#started.push(started);
    return started;
  }

  async directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'streamforge-test-'));
    this.#directories.push(path);
    return path;
  }

  async end(): Promise<void> {
    for (const started of this.#started.splice(0)) {
      started.signal('SIGKILL');
      await started.exitCode();
    }
    for (const path of this.#directories.splice(0)) {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
