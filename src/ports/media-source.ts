/** What was read of a source so far. */
export interface ReadCost {
  readonly requests: number;
  readonly bytes: number;
}

/**
 * The bytes of one uploaded object, for those who find out what it is.
 *
 * Pinned: every read is of the same object, the one with `etag`. Budgeted: reads past the budget of requests or bytes
 * are refused. `cost` counts object reads, whoever made them.
 * Cancellation: an aborted read rejects soon, with the signal's reason.
 * Errors: ForgeError `SOURCE_GONE`, `SOURCE_CHANGED`, `PROBE_BUDGET_EXCEEDED` (permanent), `OBJECT_STORE_UNAVAILABLE`
 * (transient).
 */
export interface MediaSource {
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  readonly cost: ReadCost;
  /** Bytes `start` to `end`, `end` excluded, clipped to the size. */
  read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array>;
  /** All bytes, in order, one request. Counted, but outside the budget of `read`: its caller has a cap of its own. */
  stream(signal: AbortSignal): AsyncIterable<Uint8Array>;
}
