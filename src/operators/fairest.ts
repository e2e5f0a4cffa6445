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
 * @param heldGroups The group of each place that is held.
 */
export function fairest<T>(
  waiting: Iterable<T>,
  groupOf: (waiter: T) => string,
  heldGroups: Iterable<string>,
): T | null {
  const heldBy = new Map<string, number>();
  for (const group of heldGroups) heldBy.set(group, (heldBy.get(group) ?? 0) + 1);
  let next: T | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const waiter of waiting) {
    const held = heldBy.get(groupOf(waiter)) ?? 0;
    if (held < fewest) {
      next = waiter;
      fewest = held;
    }
    if (fewest === 0) break;
  }
  return next;
}
