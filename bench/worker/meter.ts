import type { Sample } from './trial.ts';

interface Held {
  readonly receivedAt: number;
  readonly waitedBeforeMs: number;
}

/** Counts what an arm does: its calls as they leave its client, its work as it begins and ends. */
export class Meter {
  readonly #held = new Map<string, Held>();
  readonly #limit: () => number | null;
  #deleted = 0;
  #window = emptyWindow();

  /** @param limit How many messages the arm may hold now; null where it knows no such bound. */
  constructor(limit: () => number | null) {
    this.#limit = limit;
  }

  /** Messages that SQS has confirmed the deletion of, ever. */
  get deleted(): number {
    return this.#deleted;
  }

  /** Forgets what was, messages in hand excepted. */
  begin(): void {
    this.#window = emptyWindow();
  }

  called(command: string): void {
    if (command.startsWith('ReceiveMessage')) this.#window.receives += 1;
    else if (command.startsWith('DeleteMessage')) this.#window.deletes += 1;
    else this.#window.otherCalls += 1;
  }

  received(assetId: string, waitedBeforeMs: number): void {
    this.#held.set(assetId, { receivedAt: performance.now(), waitedBeforeMs });
    this.#window.heldPeak = Math.max(this.#window.heldPeak, this.#held.size);
    const limit = this.#limit();
    if (limit !== null) this.#window.limitPeak = Math.max(this.#window.limitPeak ?? 0, limit);
  }

  started(assetId: string): void {
    const held = this.#held.get(assetId);
    if (held === undefined) return;
    const holdMs = performance.now() - held.receivedAt;
    this.#window.holdsMs.push(holdMs);
    this.#window.waitsMs.push(holdMs + held.waitedBeforeMs);
  }

  finished(assetId: string): void {
    this.#held.delete(assetId);
    this.#window.messages += 1;
  }

  deletedSome(count: number): void {
    this.#deleted += count;
  }

  notedMemory(): void {
    this.#window.rssSeries.push(process.memoryUsage.rss());
  }

  /** What was since {@link begin}. */
  sample(): Sample {
    const { holdsMs, waitsMs, cpuBefore, since, ...counts } = this.#window;
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      ...counts,
      seconds: (performance.now() - since) / 1000,
      holdP99Ms: percentile(holdsMs, 0.99),
      waitP99Ms: percentile(waitsMs, 0.99),
      cpuMicros: user + system,
      rssBytes: process.memoryUsage.rss(),
    };
  }
}

function emptyWindow() {
  return {
    messages: 0,
    receives: 0,
    deletes: 0,
    otherCalls: 0,
    heldPeak: 0,
    limitPeak: null as number | null,
    holdsMs: [] as number[],
    waitsMs: [] as number[],
    rssSeries: [] as number[],
    cpuBefore: process.cpuUsage(),
    since: performance.now(),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
