import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { AssetResult } from '#domain/asset.ts';
import { descendants, PeakMemory, rssBytes, threadCount } from './process-tree.ts';

/** A file to be read. */
export interface Read {
  readonly say: 'read';
  readonly id: number;
  readonly path: string;
  readonly contentType: string;
  readonly size: number;
  /** What its client calls it. */
  readonly fileName: string;
  /** Reads it by ffprobe, as if its first bytes were those of an AVI file: what the first witness did not catch. */
  readonly unsniffed: boolean;
}

export type ToReader = Read | { readonly say: 'collect'; readonly id: number };

/** What came of a file. `code` is also `NOT_A_FORGE_ERROR`. */
export type Outcome =
  | { readonly result: AssetResult; readonly unclean: readonly string[] }
  | {
      readonly code: string;
      readonly kind: string;
      readonly message: string;
      readonly cause: string;
    };

type Answer = Outcome | 'HUNG' | 'CRASHED';

export type FromReader = { readonly id: number } & (Outcome | { readonly rssBytes: number });

/** What came of a file, and what it took: as seen from outside the process that read it. */
export interface Reading {
  /** `CRASHED` where the process ended, `HUNG` where it had to be ended. */
  readonly code: string;
  readonly result: AssetResult | null;
  /** Where in the result is what JSON cannot say. */
  readonly unclean: readonly string[];
  readonly kind: string;
  readonly message: string;
  readonly cause: string;
  readonly ms: number;
  /** High-water marks while it was read: of the process with all its threads, and of the largest child. */
  readonly ownPeakBytes: number;
  readonly childPeakBytes: number;
  /** Processes that it had started and not ended. */
  readonly childrenLeft: number;
  /** Temporary files that it had made and not removed. */
  readonly filesLeft: readonly string[];
}

/** How a file is read, unless as usual. */
export interface ReadHow extends Partial<Pick<Read, 'fileName' | 'unsniffed'>> {
  /** After so long the process is ended, and started anew for the next file. */
  readonly wallMs?: number;
}

/** Far over every limit of the reader's own, also on a machine that is busy. */
const WALL_MS = 150_000;

/** Variables of this process that choose how a reader reads. */
export function readerVariables(): Readonly<Record<string, string>> {
  const { PROBE_ENGINE, FFPROBE_PATH, FFMPEG_PATH } = process.env;
  const given = Object.entries({ PROBE_ENGINE, FFPROBE_PATH, FFMPEG_PATH });
  return Object.fromEntries(given.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** Time for what a file left behind to be gone: a killed child is reaped a moment later. */
const GONE_WITHIN_MS = 2000;

/**
 * A process that reads files as a worker does, from the declared type to the result, with nothing else in it; so that its
 * memory, its children and its temporary files are those of reading, and a file that takes it along takes nobody else.
 */
export class MediaReader {
  readonly #directory: string;
  readonly #env: Readonly<Record<string, string>>;
  /** Who waits for the child, by what they have asked. */
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #child: ChildProcess;
  #ids = 0;
  #said = '';

  private constructor(directory: string, env: Readonly<Record<string, string>>) {
    this.#directory = directory;
    this.#env = env;
    this.#child = this.#start();
  }

  /** @param env Variables of the worker. */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<MediaReader> {
    const directory = await mkdtemp(join(tmpdir(), 'streamforge-reader-'));
    await mkdir(join(directory, 'tmp'));
    return new MediaReader(directory, env);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get rssBytes(): number {
    return rssBytes(this.pid);
  }

  get threads(): number {
    return threadCount(this.pid);
  }

  async read(path: string, contentType: string, how: ReadHow = {}): Promise<Reading> {
    this.#ids += 1;
    const { size } = statSync(path);
    const { wallMs = WALL_MS, fileName = basename(path), unsniffed = false } = how;
    const peak = new PeakMemory(this.pid);
    const start = performance.now();
    const file = { path, contentType, size, fileName, unsniffed };
    const answer = await this.#ask({ say: 'read', id: this.#ids, ...file }, wallMs);
    const ms = Math.round(performance.now() - start);
    const { ownBytes, childBytes } = peak.end();
    const left = await this.#left();
    if (answer === 'HUNG' || answer === 'CRASHED') await this.#restart();
    return {
      ...toReading(answer, this.#said),
      ...left,
      ms,
      ownPeakBytes: ownBytes,
      childPeakBytes: childBytes,
    };
  }

  /** Bytes in use once the garbage is out. */
  async settledRssBytes(): Promise<number> {
    this.#ids += 1;
    await this.#ask({ say: 'collect', id: this.#ids }, WALL_MS);
    return this.rssBytes;
  }

  async close(): Promise<void> {
    await this.#end();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  #start(): ChildProcess {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, TMPDIR: join(this.#directory, 'tmp'), ...this.#env };
    const child = fork(new URL('./media-reader-process.ts', import.meta.url), {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.on('data', (chunk) => {
      this.#said = `${this.#said}${String(chunk)}`.slice(-4000);
    });
    child.on('message', (answer: FromReader) => this.#asked.get(answer.id)?.(answer as Outcome));
    child.once('exit', () => {
      for (const answer of this.#asked.values()) answer('CRASHED');
    });
    return child;
  }

  async #ask(question: ToReader, wallMs: number): Promise<Answer> {
    const child = this.#child;
    const answered = Promise.withResolvers<Answer>();
    const onGone = (): void => answered.resolve('CRASHED');
    const wall = setTimeout(() => answered.resolve('HUNG'), wallMs);
    this.#asked.set(question.id, answered.resolve);
    if (child.exitCode !== null || child.signalCode !== null) onGone();
    else child.send(question, (error) => error && onGone());
    try {
      return await answered.promise;
    } finally {
      clearTimeout(wall);
      this.#asked.delete(question.id);
    }
  }

  /** What is there still, after the moment that those who were ended take to go. */
  async #left(): Promise<Pick<Reading, 'childrenLeft' | 'filesLeft'>> {
    const look = () => ({
      childrenLeft: descendants(this.pid).length,
      filesLeft: readdirSync(join(this.#directory, 'tmp')),
    });
    const until = performance.now() + GONE_WITHIN_MS;
    let left = look();
    while (left.childrenLeft + left.filesLeft.length > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      left = look();
    }
    return left;
  }

  async #restart(): Promise<void> {
    await this.#end();
    await rm(join(this.#directory, 'tmp'), { recursive: true, force: true, maxRetries: 5 });
    await mkdir(join(this.#directory, 'tmp'));
    this.#said = '';
    this.#child = this.#start();
  }

  async #end(): Promise<void> {
    for (const pid of descendants(this.pid)) kill(pid);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

function toReading(
  answer: Answer,
  said: string,
): Pick<Reading, 'code' | 'result' | 'unclean' | 'kind' | 'message' | 'cause'> {
  const nothing = { result: null, unclean: [], kind: 'transient', message: '', cause: said };
  if (answer === 'HUNG' || answer === 'CRASHED') return { ...nothing, code: answer };
  if ('result' in answer) return { ...nothing, ...answer, code: 'OK', cause: '' };
  const { code, kind, message, cause } = answer;
  return { ...nothing, code, kind, message, cause };
}
