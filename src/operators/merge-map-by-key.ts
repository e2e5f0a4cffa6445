import { concatMap, defer, finalize, mergeMap, Observable, type OperatorFunction, tap } from 'rxjs';

/** How many keys work at once, and what becomes of values there is no place for. */
export interface MergeMapByKeyOptions<T, R> {
  /**
   * Keys that work at once. A function is read again whenever a value arrives or a slot is freed, and at no other time;
   * zero pauses.
   */
  readonly limit: number | (() => number);
  /** Answers a value whose key has one waiting already. Starts at once and uses no slot. */
  readonly busy: (value: T) => Observable<R>;
}

/**
 * Projects each value into an observable and merges them: one at a time per key, and at most `limit` keys at once.
 *
 *     source   -a1-a2-a3-b1-----|                (limit 1, project: --x|, busy: (y|))
 *     a1         --x|
 *     a2               --x|                      waits for a1, the only one that may
 *     a3              (y|)                       busy: a2 waits already
 *     b1                  --x|                   waits for a slot, in order of arrival
 *
 * At most one value per key waits, whether its key works or is in the line for a slot. When a slot is freed, the value that
 * waited longest among those whose key is idle gets it. What waits is bounded by whoever feeds the source.
 *
 * Cancellation: unsubscribing ends all work; what waits never starts. Errors: whatever the source, a callback, or an
 * observable it made throws is the result's error and ends all other work.
 *
 * @param key Values with equal keys never work at the same time.
 * @param project The work on one value; its slot is freed when it completes and its teardown has run.
 */
export function mergeMapByKey<T, R>(
  key: (value: T) => string,
  project: (value: T) => Observable<R>,
  options: MergeMapByKeyOptions<T, R>,
): OperatorFunction<T, R> {
  return (source) =>
    defer(() => {
      const slots = new KeyedSlots(options.limit);
      return source.pipe(
        mergeMap((value) => {
          const name = key(value);
          return slots.isAwaited(name)
            ? options.busy(value)
            : slots.turnOf(name, () => project(value));
        }),
      );
    });
}

/** The slots of one subscription: which keys work, and who waits, in order of arrival. */
class KeyedSlots {
  readonly #readLimit: () => number;
  readonly #working = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  #limit = 0;
  #serving = false;

  constructor(limit: number | (() => number)) {
    this.#readLimit = typeof limit === 'number' ? () => limit : limit;
  }

  isAwaited(name: string): boolean {
    return this.#waiting.has(name);
  }

  /** The work of `name`, from its turn on. */
  turnOf<R>(name: string, work: () => Observable<R>): Observable<R> {
    let completed = false;
    return this.#turn(name).pipe(
      concatMap(work),
      tap({
        complete: () => {
          this.#limit = this.#readLimit();
          completed = true;
        },
      }),
      finalize(() => {
        this.#working.delete(name);
        // Work that was torn down, or failed, ends with all the rest: nobody must start in its place.
        if (completed) this.#serve();
      }),
    );
  }

  #turn(name: string): Observable<void> {
    return new Observable((subscriber) => {
      this.#limit = this.#readLimit();
      this.#waiting.set(name, () => {
        subscriber.next();
        subscriber.complete();
      });
      this.#serve();
    });
  }

  /** Starts whoever may start. Work that ends while it is started comes back to this loop, not into a deeper one. */
  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    for (let name = this.#next(); name !== null; name = this.#next()) {
      const start = this.#waiting.get(name);
      this.#waiting.delete(name);
      this.#working.add(name);
      start?.();
    }
    this.#serving = false;
  }

  #next(): string | null {
    if (this.#working.size >= this.#limit) return null;
    for (const name of this.#waiting.keys()) if (!this.#working.has(name)) return name;
    return null;
  }
}
