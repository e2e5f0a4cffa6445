import assert from 'node:assert/strict';

/** The largest batch of SQS and of SNS. */
const BATCH_ENTRIES_MAX = 10;

/** What both say of a batch: which entries they took. */
interface BatchOutput {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
}

/**
 * Sends a batch and answers for each entry, in order. The ids of its entries are their positions, because the same
 * thing may be in a batch twice. An empty batch is not sent.
 */
export async function sendBatch(
  entryCount: number,
  send: () => Promise<BatchOutput>,
): Promise<readonly boolean[]> {
  assert(entryCount <= BATCH_ENTRIES_MAX, 'a batch has at most ten entries');
  if (entryCount === 0) return [];
  const { Successful = [] } = await send();
  const taken = new Set(Successful.map(({ Id }) => Id));
  return Array.from({ length: entryCount }, (_, at) => taken.has(String(at)));
}
