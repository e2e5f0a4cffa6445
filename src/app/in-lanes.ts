/**
 * Does something with each of a list, a few at once, and answers in the list's order. The first to fail is what it rejects
 * with, after those that had begun have ended; nobody begins after that.
 *
 * @param lanes How many at once.
 */
export async function inLanes<In, Out>(
  items: readonly In[],
  lanes: number,
  work: (item: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const results: Out[] = [];
  const waiting = [...items.entries()];
  const faults: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next && faults.length === 0; next = waiting.shift()) {
      const [at, item] = next;
      try {
        results[at] = await work(item);
      } catch (error) {
        faults.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  if (faults.length > 0) throw faults[0];
  return results;
}
