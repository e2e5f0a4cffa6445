import { asyncScheduler, Observable, type Subscription, timer } from 'rxjs';
import type { CreditLedger } from './credit-ledger.ts';

/** What a consumer is given: it asks before every receive, and delivers once for every ask. */
export interface CreditDemand<M> {
  /** Resolves with how many to receive, once there is room enough; rejects once the source stops or is left. */
  ask(): Promise<number>;
  /** Hands over what came of an ask for `asked`, none included. Never throws. */
  deliver(messages: readonly M[], asked: number): void;
}

/** How a credit source asks, and when it stops. */
export interface CreditSourceOptions {
  /** The most that one ask resolves with. */
  readonly batchMax: number;
  /** Its first emission ends the intake. Completing means never; an error is the result's. */
  readonly stop$: Observable<unknown>;
  /**
   * How long an ask that could not have a full batch waits for one, in milliseconds of scheduler time; 0 unless told. With
   * nothing in hand and nothing on its way there is nothing to wait for.
   */
  readonly holdMs?: number;
  /** Hears how long each receive took that brought something, from the answer to its ask to its delivery. */
  readonly received?: (elapsedMs: number) => void;
}

/**
 * Turns a consumer that asks before it receives into an observable that never takes in more than the ledger has room for.
 *
 *     ask        -a----b----c                (limit 3, batchMax 10) a: 3 at once, b: 2, c waits, nothing is free
 *     deliver    ----x-----yz                x for a, so that 2 are free again; y and z for b
 *     result     ----x-----(yz)---|
 *     stop$      --------------s             c rejects, the signal aborts; | once consume has ended
 *
 * RxJS has no backpressure: `mergeMap` bounds the work, not what is buffered before it. So the demand is here, before the
 * receive. Whoever takes a message releases its credit, once, when its work has ended.
 *
 * Every receive costs the same, however many it brings, so an ask for less than a batch waits `holdMs` for more room.
 *
 * Ordering: none, messages come as receives end. Cancellation: unsubscribing aborts like a stop, and what still comes is
 * dropped and its room given back. Whatever a consumer leaves unsettled when it ends is given back too.
 *
 * @param consume Receives until its signal aborts; resolves when its last receive has ended.
 * @throws What `consume` rejects with; a RangeError where it delivers what was not asked for.
 */
export function creditSource<M>(
  consume: (demand: CreditDemand<M>, signal: AbortSignal) => Promise<void>,
  ledger: CreditLedger,
  options: CreditSourceOptions,
): Observable<M> {
  return new Observable<M>((subscriber) => {
    const controller = new AbortController();
    const { signal } = controller;
    const asks = new Asks(ledger, options);
    const leave = (): void => {
      if (signal.aborted) return;
      controller.abort();
      asks.close(signal.reason);
    };
    subscriber.add(leave);
    subscriber.add(ledger.freed$.subscribe(() => asks.serve()));
    subscriber.add(
      options.stop$.subscribe({ next: leave, error: (error: unknown) => subscriber.error(error) }),
    );
    if (signal.aborted) {
      subscriber.complete();
      return;
    }
    const emit = (messages: readonly M[]): void => {
      for (const message of messages) {
        // Who has left, before this or midway, never sees the rest: nobody else would give their room back.
        if (subscriber.closed) ledger.release();
        else subscriber.next(message);
      }
    };
    const deliver = (messages: readonly M[], asked: number): void => {
      try {
        asks.settle(asked, messages.length);
        emit(messages);
      } catch (error) {
        subscriber.error(error);
      }
    };
    const consuming = async (): Promise<void> =>
      consume({ ask: () => asks.ask(), deliver }, signal);
    consuming()
      .finally(() => {
        leave();
        asks.end();
      })
      .then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
  });
}

/** The asks of one subscription: those that wait for room, and those that are answered and not settled yet. */
class Asks {
  readonly #ledger: CreditLedger;
  readonly #batchMax: number;
  readonly #holdMs: number;
  readonly #received: ((elapsedMs: number) => void) | undefined;
  readonly #waiting: PromiseWithResolvers<number>[] = [];
  readonly #open: { readonly asked: number; readonly since: number }[] = [];
  #reserved = 0;
  #hold: Subscription | null = null;
  #closed: { readonly reason: unknown } | null = null;

  constructor(ledger: CreditLedger, options: CreditSourceOptions) {
    this.#ledger = ledger;
    this.#batchMax = options.batchMax;
    this.#holdMs = options.holdMs ?? 0;
    this.#received = options.received;
  }

  ask(): Promise<number> {
    if (this.#closed !== null) return Promise.reject(this.#closed.reason);
    const ask = Promise.withResolvers<number>();
    this.#waiting.push(ask);
    this.serve();
    return ask.promise;
  }

  /** Answers those who wait, in the order they came, as far as there is room enough. */
  serve(): void {
    while (this.#waiting.length > 0 && this.#hasRoomEnough()) this.#answer();
    if (this.#waiting.length === 0 || this.#ledger.free === 0) this.#endHold();
    else this.#hold ??= timer(this.#holdMs).subscribe(() => this.#answerHeld());
  }

  settle(asked: number, got: number): void {
    if (asked > this.#reserved) {
      throw new RangeError(`Credit source: ${asked} delivered for, ${this.#reserved} asked for.`);
    }
    const elapsedMs = this.#elapsedMs(asked);
    this.#ledger.settle(asked, got);
    this.#reserved -= asked;
    if (got > 0) this.#received?.(elapsedMs);
  }

  close(reason: unknown): void {
    this.#closed = { reason };
    this.#endHold();
    for (const ask of this.#waiting.splice(0)) ask.reject(reason);
  }

  /** The consumer is gone: nothing it has reserved will be delivered any more. */
  end(): void {
    this.#ledger.settle(this.#reserved, 0);
    this.#reserved = 0;
  }

  #hasRoomEnough(): boolean {
    const { free, held, reserved } = this.#ledger;
    if (free === 0) return false;
    return free >= this.#batchMax || this.#holdMs === 0 || held + reserved === 0;
  }

  #answer(): void {
    const asked = this.#ledger.reserve(this.#batchMax);
    this.#reserved += asked;
    this.#open.push({ asked, since: asyncScheduler.now() });
    this.#waiting.shift()?.resolve(asked);
  }

  #answerHeld(): void {
    this.#hold = null;
    if (this.#ledger.free > 0) this.#answer();
    this.serve();
  }

  #endHold(): void {
    this.#hold?.unsubscribe();
    this.#hold = null;
  }

  /** Receives have no names: of those that asked for as much, the oldest is taken to be the one that ends. */
  #elapsedMs(asked: number): number {
    const at = this.#open.findIndex((open) => open.asked === asked);
    const [open] = at < 0 ? [] : this.#open.splice(at, 1);
    return open === undefined ? 0 : asyncScheduler.now() - open.since;
  }
}
