import { LIMITS } from '#config/limits.ts';
import { toForgeError } from '#domain/errors.ts';
import type { Ports } from './ports.ts';

/**
 * Waits until AWS answers, trying again with growing waits and a line each; false where the process was asked to end
 * before.
 *
 * @throws ForgeError `NOT_SET_UP` (permanent) where AWS answers at once and is not set up: nobody may ever do it.
 */
export async function untilSetUp(
  { lookUp, log, ids }: Pick<Ports, 'lookUp' | 'log' | 'ids'>,
  asked: Promise<unknown>,
): Promise<boolean> {
  const left = asked.then(() => false);
  for (let attempt = 1; ; attempt += 1) {
    const retryMs = await Promise.race([tryOnce(), left]);
    if (typeof retryMs === 'boolean') return retryMs;
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, retryMs);
    const goOn = await Promise.race([over.promise, left]);
    clearTimeout(timer);
    if (goOn === false) return false;

    /** True where it worked, else how long to wait before the next try. */
    async function tryOnce(): Promise<true | number> {
      try {
        await lookUp();
        return true;
      } catch (error) {
        const { kind, code, message: reason } = toForgeError(error);
        // Who comes up while we wait may have to be set up first.
        const mayCome = kind === 'transient' || (code === 'NOT_SET_UP' && attempt > 1);
        if (!mayCome) throw error;
        const capMs = Math.min(
          LIMITS.startRetryCapMs,
          LIMITS.pollBackoffBaseMs * 2 ** Math.min(attempt, 10),
        );
        const waitMs = Math.round(capMs * (1 - ids.random() / 2));
        log.warn({ code, reason, attempt, retryMs: waitMs }, 'AWS cannot be used yet');
        return waitMs;
      }
    }
  }
}
