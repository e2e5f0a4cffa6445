import type { Log } from '#ports/log.ts';
import type { Metrics } from '#ports/metrics.ts';
import type { Settlement } from '#streams/settle.ts';

/** Tells what became of each message: a log line, and a count by outcome and reason. */
export function tellSettlement({
  log,
  metrics,
}: {
  readonly log: Log;
  readonly metrics: Metrics;
}): (settlement: Settlement) => void {
  return ({ message, outcome, settled }) => {
    const fields = {
      messageId: message.id,
      receiveCount: message.receiveCount,
      ...outcome,
      settled,
    };
    const isExpected = settled && (outcome.kind === 'done' || outcome.kind === 'busy');
    if (isExpected) log.debug(fields, 'message settled');
    else log.warn(fields, 'message settled');
    metrics.count('sf_messages_settled_total', {
      outcome: outcome.kind,
      reason: reasonOf(outcome),
      settled: String(settled),
    });
  };
}

/** Few values: error codes, ends of assets, and the handful of ways in which there is nothing to do. */
function reasonOf(outcome: Settlement['outcome']): string {
  if ('code' in outcome) return outcome.code;
  return outcome.kind === 'done' ? outcome.why : '';
}
