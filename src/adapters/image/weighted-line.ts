interface Waiting {
  readonly weight: number;
  readonly enter: () => void;
}

/**
 * Lets works in, in order, as long as what they weigh together is within bounds; the others wait. One that is heavier than
 * that is let in alone.
 */
export class WeightedLine {
  readonly #weightMax: number;
  readonly #waiting: Waiting[] = [];
  #inside = 0;

  constructor(weightMax: number) {
    this.#weightMax = weightMax;
  }

  /** @throws The signal's reason, where it comes before the turn; what `work` throws. */
  async run<T>(weight: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    await this.#turn(weight, signal);
    try {
      return await work();
    } finally {
      this.#inside -= weight;
      this.#next();
    }
  }

  #turn(weight: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason);
        // Lighter ones may have stood behind it.
        this.#next();
      };
      const waiting: Waiting = {
        weight,
        enter: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  #next(): void {
    for (;;) {
      const [first] = this.#waiting;
      const fits = this.#inside === 0 || this.#inside + (first?.weight ?? 0) <= this.#weightMax;
      if (!first || !fits) return;
      this.#waiting.shift();
      this.#inside += first.weight;
      first.enter();
    }
  }
}
