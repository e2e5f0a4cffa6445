import { describe, expect, it } from 'vitest';
import { tellSettlement } from '#main/tell-settlement.ts';
import type { Outcome } from '#streams/outcome.ts';
import { aMessage } from '../support/a-message.ts';
import { RecordedLog } from '../support/recorded-log.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

function told(outcome: Outcome, settled = true) {
  const log = new RecordedLog();
  const metrics = new RecordedMetrics();
  tellSettlement({ log, metrics })({ message: aMessage(), outcome, settled });
  return { levels: log.lines.map(({ level }) => level), metrics };
}

describe('a message at its end', () => {
  it.each<[Outcome, boolean, string, string]>([
    [{ kind: 'done', why: 'COMPLETED' }, true, 'debug', 'COMPLETED'],
    [{ kind: 'done', why: 'test event' }, true, 'debug', 'test event'],
    [{ kind: 'busy', afterSeconds: 3 }, true, 'debug', ''],
    [{ kind: 'done', why: 'COMPLETED' }, false, 'warn', 'COMPLETED'],
    [{ kind: 'retry', afterSeconds: 3, code: 'JOB_TIMEOUT' }, true, 'warn', 'JOB_TIMEOUT'],
    [{ kind: 'drop', code: 'LEASE_LOST' }, true, 'warn', 'LEASE_LOST'],
    [
      { kind: 'dead', code: 'MALFORMED_MESSAGE', detail: 'no JSON' },
      true,
      'warn',
      'MALFORMED_MESSAGE',
    ],
  ])('is logged and counted: %o, settled: %s', (outcome, settled, level, reason) => {
    const { levels, metrics } = told(outcome, settled);
    expect(levels).toEqual([level]);
    expect(metrics.counts).toEqual({
      [`sf_messages_settled_total{outcome="${outcome.kind}",reason="${reason}",settled="${settled}"}`]: 1,
    });
  });
});
