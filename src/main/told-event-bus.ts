import { toForgeError } from '#domain/errors.ts';
import type { EventBus } from '#ports/event-bus.ts';
import type { Log } from '#ports/log.ts';
import type { Metrics } from '#ports/metrics.ts';

/**
 * An event bus that tells when it stops and when it goes on, and counts every event that it did not take, by reason. No event
 * is lost, for each waits in its row; but where a topic is gone or may not be used, somebody has to see to it.
 */
export function toldEventBus(
  events: EventBus,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): EventBus {
  let failing = false;
  const failed = (count: number, code: string, reason: string): void => {
    metrics.count('sf_events_not_taken_total', { reason: code }, count);
    if (!failing) log.warn({ code, reason }, 'events cannot be published');
    failing = true;
  };
  const took = (): void => {
    if (failing) log.info({}, 'events are published again');
    failing = false;
  };
  return {
    publish: async (batch, signal) => {
      try {
        const taken = await events.publish(batch, signal);
        const refused = taken.filter((isTaken) => !isTaken).length;
        if (refused > 0) failed(refused, 'REFUSED', `${refused} of ${taken.length} were refused`);
        else took();
        return taken;
      } catch (error) {
        const { code, message } = toForgeError(error);
        if (!signal?.aborted) failed(batch.length, code, message);
        throw error;
      }
    },
  };
}
