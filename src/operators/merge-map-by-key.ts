import { mergeMap, Observable, type OperatorFunction } from 'rxjs';
import { KeyedSlots } from './keyed-slots.ts';

/** The slot that a piece of work holds. */
export interface Slot {
  /**
   * Waits for something without the slot, which others may have meanwhile.
   *
   *     ready$   ---v                       or  v        or  ---|           or  ---#
   *     result   -------(v|)                    (v|)         -------|           ---#
   *     slot     ===----===                     ====         ===----===         ===-
   *              taken again as soon as one is free
   *
   * What is ready at once, synchronously, costs nothing: the slot is not given up. Otherwise the first value, or the end
   * without one, is passed on after a slot was taken again. Those who come back go first, in order, before all who wait
   * for their first slot. The key stays taken throughout.
   *
   * Cancellation: leaving it leaves the line too. Errors: passed on at once. Once aside, the work goes on without a slot
   * after either, so that nothing but its ending should follow.
   */
  stepAside<U>(ready$: Observable<U>): Observable<U>;
  /** How many values wait for their first slot now. */
  waiting(): number;
}

/** How many keys work at once, who goes first, and what becomes of values there is no place for. */
export interface MergeMapByKeyOptions<T, R> {
  /**
   * Keys that work at once, those that have stepped aside not counted. A function is read again whenever a value arrives, a
   * slot is freed, or work steps aside or comes back, and at no other time; zero pauses.
   */
  readonly limit: number | (() => number);
  /** Answers a value whose key has one waiting already. Starts at once and uses no slot. */
  readonly busy: (value: T) => Observable<R>;
  /** Whose value it is: no group gets more than its share while another waits. All are one group unless told. */
  readonly group?: (value: T) => string;
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
 * At most one value per key waits, whether its key works or is in the line for a slot. When a slot is freed, it goes first
 * to work that comes back from {@link Slot.stepAside}, then to a value whose key is idle: one of the group with the fewest
 * keys at work, and among equals the one that waited longest. Nobody is interrupted for that. What waits is bounded by
 * whoever feeds the source.
 *
 * Cancellation: unsubscribing ends all work; what waits never starts. Errors: whatever the source, a callback, or an
 * observable it made throws is the result's error and ends all other work.
 *
 * @param key Values with equal keys never work at the same time.
 * @param project The work on one value; its slot is freed when it completes and its teardown has run, or while it steps aside.
 */
export function mergeMapByKey<T, R>(
  key: (value: T) => string,
  project: (value: T, slot: Slot) => Observable<R>,
  options: MergeMapByKeyOptions<T, R>,
): OperatorFunction<T, R> {
  const groupOf = options.group ?? (() => '');
  return (source) =>
    new Observable((subscriber) => {
      const slots = new KeyedSlots(options.limit);
      // Added first, so run first: work that is torn down, or failed, ends with all the rest, and nobody starts in its place.
      subscriber.add(() => slots.close());
      const answer = (value: T): Observable<R> => {
        const name = key(value);
        slots.reread();
        return slots.isAwaited(name)
          ? options.busy(value)
          : slots.turnOf(name, groupOf(value), (slot) => project(value, slot));
      };
      source.pipe(mergeMap(answer)).subscribe(subscriber);
    });
}
