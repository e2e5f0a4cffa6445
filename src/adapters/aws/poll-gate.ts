/** How long to wait after a failed poll: between `baseMs` and a bound that doubles up to `capMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * Who may poll. While receives come back at least half full there is more where that came from, and every consumer may;
 * after one that brought less, or failed, one at a time: two polls of a queue that holds little cost twice and find
 * nothing more. Where that one poll is too slow, messages gather in the queue, and it comes back fuller.
 *
 * A consumer waits for its `turn`, asks for room, and then `open`s: asking may have taken so long that others found the
 * queue empty meanwhile.
 */
export class PollGate {
  readonly #backoff: Backoff;
  readonly #signal: AbortSignal;
  readonly #waiting: (() => void)[] = [];
  #flowing = false;
  /** Consumers past their turn. */
  #past = 0;
  /** Those of them that receive, or wait after a failure. */
  #open = 0;
  #failures = 0;

  /** @param signal Ends it: nobody gets a turn any more. */
  constructor(backoff: Backoff, signal: AbortSignal) {
    this.#backoff = backoff;
    this.#signal = signal;
    const dismiss = () => {
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
    signal.addEventListener('abort', dismiss, { once: true });
  }

  /** Failed receives since the last that did not. */
  get failures(): number {
    return this.#failures;
  }

  /** Resolves with true when it is the caller's turn, who then has to `leave`; with false at the end. */
  async turn(): Promise<boolean> {
    if (this.#signal.aborted) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#admit();
    await promise;
    return !this.#signal.aborted;
  }

  leave(): void {
    this.#past -= 1;
    this.#admit();
  }

  /** Whether the caller may receive now; then it has to `close`. */
  open(): boolean {
    if (!this.#flowing && this.#open > 0) return false;
    this.#open += 1;
    return true;
  }

  close(): void {
    this.#open -= 1;
  }

  /** That a receive brought so many messages of those it asked for. */
  received(count: number, asked: number): void {
    this.#failures = 0;
    this.#flowing = count * 2 >= asked;
    this.#admit();
  }

  /**
   * That a receive failed; answers with how long to wait before the next one. Never less than the base, so that a dead
   * endpoint gets few calls from the start.
   *
   * @param failuresBefore As they were when it began: consumers that fail together count once.
   */
  failed(failuresBefore: number): number {
    this.#flowing = false;
    if (this.#failures === failuresBefore) this.#failures += 1;
    const { baseMs, capMs, random } = this.#backoff;
    const boundMs = Math.min(capMs, baseMs * 2 ** this.#failures);
    return baseMs + random() * Math.max(0, boundMs - baseMs);
  }

  #admit(): void {
    while (this.#waiting.length > 0 && (this.#flowing || this.#past === 0)) {
      this.#past += 1;
      this.#waiting.shift()?.();
    }
  }
}
