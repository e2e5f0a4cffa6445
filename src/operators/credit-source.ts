import { Observable } from 'rxjs';
import type { CreditLedger } from './credit-ledger.ts';

/** What a consumer is given: it asks before every receive, and delivers once for every ask. */
export interface CreditDemand<M> {
  /** Resolves with how many to receive, as soon as there is room; rejects once the source stops or is left. */
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
    const asks = new Asks(ledger, options.batchMax);
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

/** The asks of one subscription: those that wait for room, and how much room the answered ones have reserved. */
class Asks {
  readonly #ledger: CreditLedger;
  readonly #batchMax: number;
  readonly #waiting: PromiseWithResolvers<number>[] = [];
  #reserved = 0;
  #closed: { readonly reason: unknown } | null = null;

  constructor(ledger: CreditLedger, batchMax: number) {
    this.#ledger = ledger;
    this.#batchMax = batchMax;
  }

  ask(): Promise<number> {
    if (this.#closed !== null) return Promise.reject(this.#closed.reason);
    const ask = Promise.withResolvers<number>();
    this.#waiting.push(ask);
    this.serve();
    return ask.promise;
  }

  /** Answers those who wait, in the order they came, as far as there is room. */
  serve(): void {
    while (this.#waiting.length > 0) {
      const reserved = this.#ledger.reserve(this.#batchMax);
      if (reserved === 0) return;
      this.#reserved += reserved;
      this.#waiting.shift()?.resolve(reserved);
    }
  }

  settle(asked: number, got: number): void {
    if (asked > this.#reserved) {
      throw new RangeError(`Credit source: ${asked} delivered for, ${this.#reserved} asked for.`);
    }
    this.#ledger.settle(asked, got);
    this.#reserved -= asked;
  }

  close(reason: unknown): void {
    this.#closed = { reason };
    for (const ask of this.#waiting.splice(0)) ask.reject(reason);
  }

  /** The consumer is gone: nothing it has reserved will be delivered any more. */
  end(): void {
    this.#ledger.settle(this.#reserved, 0);
    this.#reserved = 0;
  }
}
