import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { MEDIA_CODES } from '#domain/errors.ts';
import { mediaTypeOf } from '#domain/media-types.ts';
import { declaredType } from '../../tools/corpus/declared-type.ts';
import { seededRandom } from '../chaos/random.ts';
import { MediaReader, type Reading, readerVariables } from '../support/media-reader.ts';
import { slowdown } from '../support/slowdown.ts';
import { type Mutated, mutate } from './mutate.ts';
import type { FuzzCommand } from './options.ts';

/** What went wrong with one file; `file` is where it is kept, if it is. */
export interface FuzzFailure {
  readonly number: number;
  readonly from: string;
  readonly how: string;
  readonly what: string;
  readonly message: string;
  readonly file: string | null;
}

/** What a run found. */
export interface FuzzResult {
  readonly ok: boolean;
  readonly seed: number;
  readonly seconds: number;
  readonly files: number;
  /** How many ended in which way. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly peakBytes: { readonly own: number; readonly child: number };
  /** In use once the garbage is out: when the process was warm, and at the end. */
  readonly rssBytes: readonly [warm: number, end: number];
  readonly threads: number;
  readonly failures: readonly FuzzFailure[];
}

interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type Damaged = Seed & Mutated;

/** The engine's own limit, copies and a busy machine included. */
const SLOW_MS = 25_000;
const HUNG_MS = 150_000;
const MEMORY_BYTES_MAX = 512 * 1024 * 1024;
/** After so many files a process has all the threads it will have. */
const WARM_FILES = 100;
/** What may come on top: heaps that have not been given back yet. */
const RSS_GROWTH_BYTES_MAX = 128 * 1024 * 1024;
/** Threads of Node and of libvips, and those that read, for two engines. */
const THREADS_MAX = 64;
const FAILURES_MAX = 100;
const MESSAGE_CHARS_MAX = 1000;
const PER_FILE_MULTIPLIER = 0x9e37_79b1;

/** Every file whose type is let in. */
function seedFiles(corpus: string | null): readonly Seed[] {
  const root = new URL('../../', import.meta.url).pathname;
  const patterns = ['samples/*', 'tests/fixtures/media/*'].map((each) => join(root, each));
  return [...patterns, ...(corpus ? [join(corpus, '*')] : [])]
    .flatMap((pattern) => globSync(pattern).toSorted())
    .filter((path) => mediaTypeOf(declaredType(path)))
    .map((path) => ({ name: basename(path), bytes: readFileSync(path) }));
}

/** Damages and reads until the time is over. */
export async function fuzz(command: FuzzCommand): Promise<FuzzResult> {
  const { seconds, files, seed, keep, corpus, derivatives } = command;
  const seeds = seedFiles(corpus);
  const directory = await mkdtemp(join(tmpdir(), 'streamforge-fuzz-'));
  const reader = await MediaReader.open({
    ...readerVariables(),
    ...(derivatives ? {} : { DERIVATIVES: 'none' }),
  });
  const tally = new Tally();
  if (keep) await mkdir(keep, { recursive: true });
  const until = performance.now() + seconds * 1000;
  try {
    for (let n = 0; n < files && performance.now() < until; n += 1) {
      const file = damaged(seeds, seed, n);
      const path = join(directory, 'object');
      writeFileSync(path, file.bytes);
      const reading = await reader.read(path, declaredType(file.name), { wallMs: HUNG_MS });
      tally.add(reading);
      const what = wrong(reading);
      if (what) tally.fail(n, file, reading, what, keep && join(keep, `${seed}-${n}-${file.name}`));
      if (tally.files === WARM_FILES) tally.warmBytes = await reader.settledRssBytes();
    }
    return tally.result(seed, seconds, await reader.settledRssBytes(), reader.threads);
  } finally {
    await reader.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The n-th file of a seed: the same whenever it is asked for. */
function damaged(seeds: readonly Seed[], seed: number, n: number): Damaged {
  const random = seededRandom((seed + Math.imul(n, PER_FILE_MULTIPLIER)) >>> 0);
  const draw = (): Seed => {
    const drawn = seeds[random.between(0, seeds.length - 1)];
    if (!drawn) throw new Error('there are no files to damage');
    return drawn;
  };
  const [file, other] = [draw(), draw()];
  return { name: file.name, ...mutate(file.bytes, other.bytes, random) };
}

const BLAMES_THE_FILE: readonly string[] = [...MEDIA_CODES, 'OK'];

/** What is wrong with how a file ended, if anything is. */
function wrong(reading: Reading): string | null {
  const { code, ms, unclean, childrenLeft, filesLeft, ownPeakBytes, childPeakBytes } = reading;
  if (!BLAMES_THE_FILE.includes(code)) return code;
  if (code !== 'OK' && reading.kind !== 'permanent') return `${code} is ${reading.kind}`;
  if (ms > SLOW_MS * slowdown()) return `took ${ms} ms`;
  if (unclean.length > 0) return `says what JSON cannot at ${unclean.join(', ')}`;
  if (childrenLeft > 0) return `left ${childrenLeft} processes`;
  if (filesLeft.length > 0) return `left ${filesLeft.join(', ')}`;
  if (Math.max(ownPeakBytes, childPeakBytes) > MEMORY_BYTES_MAX) return 'took too much memory';
  return null;
}

class Tally {
  readonly failures: FuzzFailure[] = [];
  readonly #outcomes = new Map<string, number>();
  warmBytes = 0;
  files = 0;
  #slowestMs = 0;
  #own = 0;
  #child = 0;

  add({ code, ms, ownPeakBytes, childPeakBytes }: Reading): void {
    this.files += 1;
    this.#outcomes.set(code, (this.#outcomes.get(code) ?? 0) + 1);
    this.#slowestMs = Math.max(this.#slowestMs, ms);
    this.#own = Math.max(this.#own, ownPeakBytes);
    this.#child = Math.max(this.#child, childPeakBytes);
  }

  /** @param path Where the file is kept, if it is. */
  fail(number: number, file: Damaged, reading: Reading, what: string, path: string | null): void {
    if (this.failures.length === FAILURES_MAX) return;
    if (path) writeFileSync(path, file.bytes);
    const message = `${reading.message} ${reading.cause}`.trim().slice(0, MESSAGE_CHARS_MAX);
    this.failures.push({ number, from: file.name, how: file.how, what, message, file: path });
  }

  result(seed: number, seconds: number, endBytes: number, threads: number): FuzzResult {
    const warm = this.warmBytes || endBytes;
    const leaks = [
      endBytes - warm > RSS_GROWTH_BYTES_MAX && 'memory grows',
      threads > THREADS_MAX && `${threads} threads`,
    ].filter((each) => each !== false);
    const leak = (what: string): FuzzFailure => ({
      ...{ number: this.files, from: 'all files', how: '', what, message: '', file: null },
    });
    const failures = [...this.failures, ...leaks.map(leak)];
    return {
      ok: failures.length === 0 && this.files > 0,
      seed,
      seconds,
      files: this.files,
      outcomes: Object.fromEntries([...this.#outcomes].toSorted(([, one], [, two]) => two - one)),
      slowestMs: this.#slowestMs,
      peakBytes: { own: this.#own, child: this.#child },
      rssBytes: [warm, endBytes],
      threads,
      failures,
    };
  }
}
