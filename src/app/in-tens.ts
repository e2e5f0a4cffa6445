/** The largest batch of the ports. */
const BATCH_ENTRIES_MAX = 10;

/** Makes one batch call after the other over any number of entries; the answers are positional, as the batches' are. */
export async function inTens<T>(
  entries: readonly T[],
  call: (batch: readonly T[]) => Promise<readonly boolean[]>,
): Promise<readonly boolean[]> {
  const results: boolean[] = [];
  for (let from = 0; from < entries.length; from += BATCH_ENTRIES_MAX) {
    results.push(...(await call(entries.slice(from, from + BATCH_ENTRIES_MAX))));
  }
  return results;
}
