import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeakMemory, rssBytes } from '../../tests/support/process-tree.ts';
import { median } from '../report.ts';
import { ARMS, type ArmName, OWN, type Target } from './arms.ts';
import { Child } from './child.ts';
import { type BenchFile, makeFiles } from './files.ts';
import type { Soak } from './goals.ts';
import { type Look, MEGABYTE } from './rows.ts';
import type { ArmAnswer, ArmRequest } from './run-arm.ts';
import type { Count, StoreAddress, StoreRequest } from './store.ts';

/** How much is measured. */
export interface BenchSize {
  readonly withLarge: boolean;
  readonly rounds: number;
  /** Readings of a file in one look; of a large one there is one. */
  readonly times: number;
  readonly soakFiles: number;
  /** No round begins after so many milliseconds of the process's life, and the soak is over then; a round at least. */
  readonly roundsUntilMs: number;
  readonly soakUntilMs: number;
  readonly ffprobePath: string;
  readonly progress: (text: string) => void;
}

interface Kept {
  readonly file: BenchFile;
  readonly target: Target;
}

/** Looks at the memory of a soak, in each half of it. */
const SOAK_LOOKS = 8;

/** All looks, and the soak. Nothing is left of files and processes. */
export async function runBench(
  size: BenchSize,
): Promise<{ readonly looks: readonly Look[]; readonly soak: Soak }> {
  const directory = await mkdtemp(join(tmpdir(), 'streamforge-bench-probe-'));
  const children: Child[] = [];
  const start = (...args: ConstructorParameters<typeof Child>): Child => {
    const child = new Child(...args);
    children.push(child);
    return child;
  };
  try {
    const files = await makeFiles(directory, size.withLarge);
    size.progress(`${files.length} files are made`);
    const store = start('./store.ts', [join(directory, 'cloud')], 'others');
    const address = (await store.ready()) as StoreAddress;
    const kept = await Promise.all(files.map((file, n) => keep(store, directory, file, n)));
    const arms = new Map<ArmName, Child>();
    for (const name of ARMS) {
      const child = start('./run-arm.ts', [name, JSON.stringify(address), size.ffprobePath], 'one');
      await child.ready();
      arms.set(name, child);
    }
    const bench = new Bench(store, arms, size);
    // What a process does once, it does now.
    for (const { target, file } of kept) if (!file.isLarge) await bench.warm(target);
    const looks: Look[] = [];
    for (let round = 0; round < size.rounds; round += 1) {
      if (round > 0 && performance.now() > size.roundsUntilMs) break;
      for (const each of kept) looks.push(...(await bench.look(each, round)));
      size.progress(`round ${round + 1} of ${size.rounds}`);
    }
    return { looks, soak: await bench.soak(kept.filter(({ file }) => !file.isLarge)) };
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function keep(store: Child, directory: string, file: BenchFile, n: number): Promise<Kept> {
  const { name, size, contentType } = file;
  const id = n.toString(16).padStart(12, '0');
  const key = `uploads/bench/018f0000-0000-7000-8000-${id}/source`;
  const path = join(directory, name);
  const etag = await store.ask({ kind: 'keep', path, key, contentType } satisfies StoreRequest);
  return { file, target: { key, size, contentType, etag: String(etag) } };
}

class Bench {
  readonly #store: Child;
  readonly #arms: ReadonlyMap<ArmName, Child>;
  readonly #size: BenchSize;

  constructor(store: Child, arms: ReadonlyMap<ArmName, Child>, size: BenchSize) {
    this.#store = store;
    this.#arms = arms;
    this.#size = size;
  }

  async warm(target: Target): Promise<void> {
    for (const child of this.#arms.values()) await read(child, target, 1);
  }

  /** Every arm in turn, beginning with another one each round. */
  async look({ file, target }: Kept, round: number): Promise<readonly Look[]> {
    const times = file.isLarge ? 1 : this.#size.times;
    const turned = ARMS.map((_, n) => ARMS[(n + round) % ARMS.length] ?? OWN);
    const looks: Look[] = [];
    for (const arm of turned) {
      const child = this.#arm(arm);
      await this.#count();
      const peak = new PeakMemory(child.pid, 10);
      const { ms, cpuMs, durationSeconds, error } = await read(child, target, times);
      const { ownBytes, childBytes } = peak.end();
      const { requests, bytes } = await this.#count();
      looks.push({
        ...{ arm, file, ms, durationSeconds, error },
        cpuMs: cpuMs / times,
        requests: requests / times,
        bytes: bytes / times,
        rssBytes: ownBytes + childBytes,
      });
    }
    return looks;
  }

  /** File after file, in one process: does its memory stay where it is? */
  async soak(kept: readonly Kept[]): Promise<Soak> {
    const child = this.#arm(OWN);
    const cycles = Math.max(2 * SOAK_LOOKS, Math.ceil(this.#size.soakFiles / kept.length));
    const series: number[] = [];
    while (series.length < cycles) {
      const late = performance.now() > this.#size.soakUntilMs;
      if (late && series.length >= SOAK_LOOKS) break;
      for (const { target } of kept) await read(child, target, 1);
      series.push(rssBytes(child.pid) / MEGABYTE);
    }
    const half = series.length / 2;
    const around = (end: number) => Math.round(median(series.slice(end - SOAK_LOOKS / 2, end)));
    return {
      files: series.length * kept.length,
      rssMb: [around(Math.floor(half)), around(series.length)],
    };
  }

  #arm(name: ArmName): Child {
    const child = this.#arms.get(name);
    if (!child) throw new Error(`${name} does not run`);
    return child;
  }

  async #count(): Promise<Count> {
    return (await this.#store.ask({ kind: 'count' } satisfies StoreRequest)) as Count;
  }
}

async function read(child: Child, target: Target, times: number): Promise<ArmAnswer> {
  return (await child.ask({ target, times } satisfies ArmRequest)) as ArmAnswer;
}
