import { defer, ignoreElements, interval, type Observable, tap, timeInterval } from 'rxjs';
import type { CreditLedger } from './credit-ledger.ts';

/** What bounds the prefetch, and how fast it follows the traffic. */
export interface PrefetchOptions {
  /** Workers that may be busy at once; read anew each time. */
  readonly slots: () => number;
  /** What an ask may wait for a full batch, on top of the round trip. */
  readonly holdMs: number;
  /** The longest a prefetched message may wait for a slot, at the rate of now: it bounds the prefetch. */
  readonly waitMsMax: number;
  /** Over about this time the rate forgets what was. */
  readonly memoryMs: number;
}

/** For the unevenness of arrivals and ends within a round trip. */
const SPARE_MESSAGES = 5;

/** Of a round trip: how much one receive counts against all before it. */
const ROUND_TRIP_WEIGHT = 0.2;

/** A receive that took longer has waited for a message, rather than for the network. */
const ROUND_TRIP_MS_MAX = 250;

/**
 * How many messages to have in hand beside those that are worked on: one bandwidth-delay product.
 *
 *     P = min(C, ceil(λ · (roundTrip + hold)) + 5, floor(λ · waitMax))       λ: messages finished a second
 *
 * A slot that is freed needs a message at once, and a receive takes a round trip. As many as are finished meanwhile are
 * enough; more would only wait here while another worker is idle. With the rate at zero it is zero: who is idle, or has
 * long jobs in every slot, hoards nothing.
 */
export class Prefetch {
  readonly #options: PrefetchOptions;
  #ratePerMs = 0;
  #roundTripMs: number | null = null;

  constructor(options: PrefetchOptions) {
    this.#options = options;
  }

  /** Messages to have in hand beside those that are worked on. */
  get size(): number {
    const { slots, holdMs, waitMsMax } = this.#options;
    const neededMs = (this.#roundTripMs ?? 0) + holdMs;
    return Math.min(
      slots(),
      Math.ceil(this.#ratePerMs * neededMs) + SPARE_MESSAGES,
      Math.floor(this.#ratePerMs * waitMsMax),
    );
  }

  /** All that may be in hand, prefetched or worked on. */
  get limit(): number {
    return this.#options.slots() + this.size;
  }

  /** That a receive took so long and brought something. What it waited for is told from the network by a bound alone. */
  received(elapsedMs: number): void {
    // Below zero where the clock was set back meanwhile.
    const sampleMs = Math.min(Math.max(0, elapsedMs), ROUND_TRIP_MS_MAX);
    const before = this.#roundTripMs ?? sampleMs;
    this.#roundTripMs = before + ROUND_TRIP_WEIGHT * (sampleMs - before);
  }

  /** That so many messages were finished in the last so many milliseconds, none included. */
  finished(count: number, elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    const weight = 1 - Math.exp(-elapsedMs / this.#options.memoryMs);
    this.#ratePerMs += weight * (count / elapsedMs - this.#ratePerMs);
  }
}

/** How a ledger is kept at its limit. */
export interface FollowPrefetchOptions {
  /** What may be in hand; the prefetch's own limit, unless something forbids so much. Read anew at each look. */
  readonly limit: () => number;
  /** Between two looks at the ledger, in milliseconds of scheduler time. */
  readonly everyMs: number;
}

/**
 * Keeps the limit of a ledger at the slots and the prefetch, as the rate at which it is released says. Never emits; an
 * endless observable, so end it with `takeUntil`.
 *
 *     released    5   5   0   0           per `everyMs`
 *     limit     C +2  +4  +2  +1  ...     towards C + P, and back to C
 *
 * A message that waits for a slot holds its lock and its visibility. It waits `waitMsMax` at most while the rate lasts, and
 * both live far longer, so nothing renews the lock before the work begins. Where the rate collapses and it lapses all the
 * same, it has saved less work, and what it is about is protected elsewhere.
 */
export function followPrefetch(
  ledger: CreditLedger,
  prefetch: Prefetch,
  { limit, everyMs }: FollowPrefetchOptions,
): Observable<never> {
  return defer(() => {
    let before = ledger.released;
    return interval(everyMs).pipe(
      timeInterval(),
      tap(({ interval: elapsedMs }) => {
        prefetch.finished(ledger.released - before, elapsedMs);
        before = ledger.released;
        ledger.setLimit(limit());
      }),
      ignoreElements(),
    );
  });
}
