import { setTimeout as sleep } from 'node:timers/promises';

/** Nine short tasks to one long one. */
const SHORT_MS = 50;
const LONG_MS = 550;
export const MEAN_TASK_MS = 0.9 * SHORT_MS + 0.1 * LONG_MS;

/** A lock, a claim or a commit. */
const STUB_CALL_MS = 1;

const BLOCK = 100;
const SCHEDULE_LENGTH = 10_000;

/** Exactly a tenth of every hundred is long, in an order that chance has made once and for all. */
const schedule: readonly number[] = Array.from({ length: SCHEDULE_LENGTH / BLOCK }, (_, block) =>
  shuffled(
    Array.from({ length: BLOCK }, (_task, at) => (at < BLOCK / 10 ? LONG_MS : SHORT_MS)),
    randomFrom(block + 1),
  ),
).flat();

const ID_PREFIX = '00000000-0000-4000-8000-';

/** The body of the n-th message: a command as our own queue carries them. */
export function bodyOf(n: number): string {
  const assetId = ID_PREFIX + n.toString(16).padStart(12, '0');
  return JSON.stringify({ kind: 'process', tenant: 'bench', assetId, generation: 1 });
}

/** The asset that a body names. */
export function assetIdOf(body: string): string {
  const { assetId } = JSON.parse(body) as { assetId: string };
  return assetId;
}

/** A lock, a claim or a commit. */
export function stubCall(): Promise<void> {
  return sleep(STUB_CALL_MS);
}

/** The work on an asset. */
export function task(assetId: string, taskMs: number | undefined): Promise<void> {
  const n = Number.parseInt(assetId.slice(ID_PREFIX.length), 16);
  return sleep(taskMs ?? schedule[n % SCHEDULE_LENGTH] ?? SHORT_MS);
}

/** The same chance every time: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
