import { concatMap, defer, EMPTY, interval, type Observable, of } from 'rxjs';

/** Between what, from what, and how an adaptive limit moves. Bounds are read anew each time. */
export interface AdaptiveLimitOptions {
  readonly bounds: () => { readonly floor: number; readonly ceiling: number };
  readonly initial: number;
  /** Windows after a cut in which nothing is concluded: what is heard in them is of calls made before. */
  readonly settleWindows: number;
  /** Windows after those, without trouble, before it grows again. */
  readonly holdWindows: number;
}

/** What was seen of the work in one window of time. */
export interface AdaptiveWindow {
  /** Calls that some dependency answered with "too often". */
  readonly throttles: number;
  /** Calls that failed for a dependency's fault. */
  readonly failures: number;
  /** Messages finished. */
  readonly finished: number;
  /** Whether all slots were in use at some time: otherwise more of them would prove nothing. */
  readonly isFull: boolean;
}

/** A limit that has moved, and why: `full`, nothing was left and nobody complained. */
export interface LimitMove {
  readonly from: number;
  readonly to: number;
  readonly why: 'full' | 'throttles' | 'failures';
}

/** Of what is finished: as much trouble is noise. */
const TROUBLE_SHARE_MAX = 0.01;

/** What a cut leaves: TCP CUBIC's factor. Source: RFC 9438 */
const CUT_FACTOR = 0.7;

/** How it grows where nobody has complained yet; four windows treble it. */
const GROWTH_FACTOR = 1.3;

/** From here on to where the trouble was last, it grows by one. */
const NEAR_FACTOR = 0.9;

/**
 * How many slots to use, found out by trying: it grows while all are in use and no dependency complains, and is cut when
 * one does. Additive increase, multiplicative decrease (AIMD), but quicker where nothing is known to be wrong.
 *
 *     trouble   .  .  .  .  .  x  .  .  .  .  .  .  .  .  x      (over 60 hurts)
 *     limit    16 21 28 37 49 64 44 44 44 44 57 58 59 60 61 42   ×0.7, wait, quickly to 0.9 of where it hurt, then by one
 *
 * Past the point where it hurt last, unhurt, it is quick again: things have changed. In [floor, ceiling] at all times.
 */
export class AdaptiveLimit {
  readonly #options: AdaptiveLimitOptions;
  #limit: number;
  #hurtAt = Number.POSITIVE_INFINITY;
  #sinceCut = Number.POSITIVE_INFINITY;

  constructor(options: AdaptiveLimitOptions) {
    this.#options = options;
    this.#limit = options.initial;
  }

  get value(): number {
    const { floor, ceiling } = this.#options.bounds();
    return Math.min(Math.max(this.#limit, floor), ceiling);
  }

  /** Concludes from a window, and says how it has moved, if it has. */
  next(window: AdaptiveWindow): LimitMove | null {
    const { settleWindows, holdWindows } = this.#options;
    this.#sinceCut += 1;
    if (this.#sinceCut <= settleWindows) return null;
    const { throttles, failures, finished, isFull } = window;
    if (throttles + failures > finished * TROUBLE_SHARE_MAX) {
      this.#hurtAt = this.value;
      this.#sinceCut = 0;
      const why = throttles >= failures ? 'throttles' : 'failures';
      return this.#move(Math.floor(this.value * CUT_FACTOR), why);
    }
    if (this.#sinceCut <= settleWindows + holdWindows) return null;
    return isFull && finished > 0 ? this.#move(this.#more(), 'full') : null;
  }

  #more(): number {
    const from = this.value;
    if (from > this.#hurtAt) this.#hurtAt = Number.POSITIVE_INFINITY;
    const near = Math.floor(this.#hurtAt * NEAR_FACTOR);
    if (from >= near) return from + 1;
    return Math.min(Math.ceil(from * GROWTH_FACTOR), near);
  }

  #move(to: number, why: LimitMove['why']): LimitMove | null {
    const from = this.value;
    this.#limit = to;
    return this.value === from ? null : { from, to: this.value, why };
  }
}

/**
 * Lets a limit conclude from window after window, and emits its moves; endless, so end it with `takeUntil`.
 *
 *     looks      f . . f . . f . . .        (a window of three; f: full)
 *     moves      - - - - a - - b - -        after the look that ends a window, where it moves
 *
 * @param read One look: counts since whenever, so that their differences are what happened in a window, and whether all
 *   slots are in use now.
 * @param everyMs Between two looks, in milliseconds of scheduler time: being full is seen only by looking.
 * @param looks How many make a window.
 */
export function followAdaptiveLimit(
  limit: AdaptiveLimit,
  read: () => AdaptiveWindow,
  { everyMs, looks }: { readonly everyMs: number; readonly looks: number },
): Observable<LimitMove> {
  return defer(() => {
    let before = read();
    let isFull = before.isFull;
    return interval(everyMs).pipe(
      concatMap((look) => {
        const now = read();
        isFull ||= now.isFull;
        if ((look + 1) % looks !== 0) return EMPTY;
        const move = limit.next({
          throttles: now.throttles - before.throttles,
          failures: now.failures - before.failures,
          finished: now.finished - before.finished,
          isFull,
        });
        before = now;
        isFull = now.isFull;
        return move === null ? EMPTY : of(move);
      }),
    );
  });
}
