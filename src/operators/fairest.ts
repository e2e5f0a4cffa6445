/** How many places each group holds. */
export class HeldPlaces {
  readonly #byGroup = new Map<string, number>();

  /** How many groups hold any. */
  get groups(): number {
    return this.#byGroup.size;
  }

  /** How many the group holds. */
  of(group: string): number {
    return this.#byGroup.get(group) ?? 0;
  }

  take(group: string): void {
    this.#byGroup.set(group, this.of(group) + 1);
  }

  giveBack(group: string): void {
    const left = this.of(group) - 1;
    if (left > 0) this.#byGroup.set(group, left);
    else this.#byGroup.delete(group);
  }
}

/**
 * Picks who is next, so that no group has more than its share while another waits (max-min fairness).
 *
 *     held     a a b          waiting   a1 b1 c1 b2
 *     next     c1, then b1, then c2 if it waits by now
 *
 * The group with the fewest gets it; among equals, whoever stands first in the line. A group that waits alone may have all,
 * and nothing is taken from it when another comes: it gets nothing more until that one has as much.
 *
 * @param waiting The line, longest waiting first.
 * @param held Who holds how many.
 * @param groups How many groups there are in the line at most: once they were all seen, nobody looks further.
 */
export function fairest<T>(
  waiting: Iterable<T>,
  groupOf: (waiter: T) => string,
  held: Pick<HeldPlaces, 'of'>,
  groups = Number.POSITIVE_INFINITY,
): T | null {
  let next: T | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  const seen = new Set<string>();
  for (const waiter of waiting) {
    const group = groupOf(waiter);
    if (seen.has(group)) continue;
    seen.add(group);
    const count = held.of(group);
    if (count < fewest) {
      next = waiter;
      fewest = count;
    }
    if (fewest === 0 || seen.size === groups) break;
  }
  return next;
}
