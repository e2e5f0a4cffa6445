import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where the tool is that keeps a process to some of the processors; null on systems that have none. */
const TASKSET = ['/usr/bin/taskset', '/bin/taskset'].find((path) => {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
});

const LAST = availableParallelism() - 1;

/** One processor, or all the others. */
const CORES = { one: String(LAST), others: LAST === 0 ? '0' : `0-${LAST - 1}` };

/** Whether processes can be kept to a processor here. */
export const isPinned = TASKSET !== undefined;

/** A process of the benchmark that is asked and answers, kept to one processor or to the others. */
export class Child {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  readonly #ended: Promise<never>;
  #asked = 0;

  constructor(file: string, args: readonly string[], cores: keyof typeof CORES) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const node = [process.execPath, path, ...args];
    const [command = '', ...rest] = TASKSET ? [TASKSET, '-c', CORES[cores], ...node] : node;
    this.#child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => {
      const { id, answer } = message as { readonly id: number; readonly answer: unknown };
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    this.#ended = new Promise((_, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code) => reject(new Error(`${file} ended: ${code}`)));
    });
    this.#ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it says once it is ready. */
  ready(): Promise<unknown> {
    return this.#reply(0);
  }

  ask(request: unknown): Promise<unknown> {
    this.#asked += 1;
    const reply = this.#reply(this.#asked);
    this.#child.send({ id: this.#asked, request });
    return reply;
  }

  stop(): Promise<unknown> {
    this.#child.kill('SIGKILL');
    return this.#ended.catch(() => undefined);
  }

  #reply(id: number): Promise<unknown> {
    const reply = new Promise((resolve) => this.#waiting.set(id, resolve));
    return Promise.race([reply, this.#ended]);
  }
}
