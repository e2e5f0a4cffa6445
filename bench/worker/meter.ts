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
  #openReceives = 0;
  #window = emptyWindow();

  /** @param limit How many messages the arm may hold now; null where it knows no such bound. */
  constructor(limit: () => number | null) {
    this.#limit = limit;
  }

  /** Messages that SQS has confirmed the deletion of, ever. */
  get deleted(): number {
    return this.#deleted;
  }

  /** Forgets what was, messages in hand and receives that are open excepted. */
  begin(): void {
    this.#window = emptyWindow();
    this.#window.openReceivesPeak = this.#openReceives;
  }

  called(command: string): void {
    if (command.startsWith('ReceiveMessage')) {
      this.#window.receives += 1;
      this.#openReceives += 1;
      this.#window.openReceivesPeak = Math.max(this.#window.openReceivesPeak, this.#openReceives);
    } else if (command.startsWith('DeleteMessage')) this.#window.deletes += 1;
    else if (command.startsWith('ChangeMessageVisibility')) this.#window.visibilityCalls += 1;
    else this.#window.otherCalls += 1;
  }

  answered(command: string): void {
    if (command.startsWith('ReceiveMessage')) this.#openReceives -= 1;
  }

  received(assetId: string, waitedBeforeMs: number, receiveCount: number): void {
    if (receiveCount > 1) this.#window.redelivered += 1;
    this.#held.set(assetId, { receivedAt: performance.now(), waitedBeforeMs });
    this.#window.heldPeak = Math.max(this.#window.heldPeak, this.#held.size);
    const limit = this.#limit();
    if (limit !== null) this.#window.limitPeak = Math.max(this.#window.limitPeak ?? 0, limit);
  }

  started(assetId: string): void {
    this.#window.starts += 1;
    const held = this.#held.get(assetId);
    if (held === undefined) return;
    const holdMs = performance.now() - held.receivedAt;
    this.#window.holds.add(holdMs);
    this.#window.waits.add(holdMs + held.waitedBeforeMs);
  }

  finished(assetId: string): void {
    this.#held.delete(assetId);
    this.#window.messages += 1;
  }

  deletedSome(count: number): void {
    this.#deleted += count;
  }

  noteMemory(): void {
    this.#window.rssSeries.push(process.memoryUsage.rss());
  }

  /** What was since {@link begin}. */
  sample(): Sample {
    this.noteMemory();
    const { holds, waits, cpuBefore, since, ...counts } = this.#window;
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      ...counts,
      seconds: (performance.now() - since) / 1000,
      holdP99Ms: holds.percentile(0.99),
      waitP99Ms: waits.percentile(0.99),
      cpuMicros: user + system,
    };
  }
}

function emptyWindow() {
  return {
    messages: 0,
    starts: 0,
    redelivered: 0,
    receives: 0,
    deletes: 0,
    visibilityCalls: 0,
    otherCalls: 0,
    openReceivesPeak: 0,
    heldPeak: 0,
    limitPeak: null as number | null,
    holds: new Durations(),
    waits: new Durations(),
    rssSeries: [process.memoryUsage.rss()],
    cpuBefore: process.cpuUsage(),
    since: performance.now(),
  };
}

/** Durations by the millisecond, so that a long run takes no more memory than a short one. */
class Durations {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(ms: number): void {
    const rounded = Math.round(ms);
    this.#counts.set(rounded, (this.#counts.get(rounded) ?? 0) + 1);
    this.#total += 1;
  }

  percentile(share: number): number {
    let left = this.#total * share;
    for (const [ms, count] of [...this.#counts].toSorted(([one], [other]) => one - other)) {
      left -= count;
      if (left <= 0) return ms;
    }
    return 0;
  }
}
