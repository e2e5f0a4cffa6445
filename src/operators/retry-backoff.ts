import { type MonoTypeOperatorFunction, retry, throwError, timer } from 'rxjs';

/** Which errors are worth another call, how many, and how far apart. */
export interface RetryBackoffOptions {
  /** Calls in all, the first one included; below 2 nothing is retried. */
  readonly callsMax: number;
  /** The longest wait before the first retry; it doubles with each. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly capMs: number;
  /** A number in [0, 1), new for each wait. */
  readonly random: () => number;
  readonly isRetryable: (error: unknown) => boolean;
}

/**
 * Subscribes again after an error that may pass, with exponential backoff and full jitter.
 *
 *     source   -a-#                              (callsMax 3, baseMs 4, random 0.5)
 *                   -a-#                         waits 0.5 · 4, then 0.5 · 8
 *                          -a-#
 *     result   -a----a------a-#
 *
 * Full jitter, `random() · min(capMs, baseMs · 2^retry)`, because clients that failed together must not come back together.
 * The count belongs to the subscription, and values that came through don't reset it.
 *
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @throws The last error, once the calls are spent or where it is not retryable.
 */
export function retryBackoff<T>(options: RetryBackoffOptions): MonoTypeOperatorFunction<T> {
  const { callsMax, baseMs, capMs, random, isRetryable } = options;
  return retry<T>({
    count: callsMax - 1,
    delay: (error: unknown, retries) =>
      isRetryable(error)
        ? timer(random() * Math.min(capMs, baseMs * 2 ** (retries - 1)))
        : throwError(() => error),
  });
}
