import { describe, expect, it } from 'vitest';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { ForgeError } from '#domain/errors.ts';
import { toldEventBus } from '#main/told-event-bus.ts';
import type { EventBus } from '#ports/event-bus.ts';
import { assetEvent } from '../contracts/fixtures.ts';
import { RecordedLog } from '../support/recorded-log.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

const denied = new ForgeError('ACCESS_DENIED', 'transient', 'refuses these credentials');

/** A bus that does what a test says. */
function bus() {
  const memory = new MemoryEventBus();
  const [log, metrics] = [new RecordedLog(), new RecordedMetrics()];
  const conduct: EventBus = { publish: (...given) => memory.publish(...given) };
  const inner: EventBus = { publish: (...given) => conduct.publish(...given) };
  return { memory, log, metrics, conduct, told: toldEventBus(inner, { log, metrics }) };
}

describe('a told event bus', () => {
  it('says nothing while all is well', async () => {
    const { memory, log, metrics, told } = bus();
    expect(await told.publish([assetEvent(), assetEvent()])).toEqual([true, true]);
    expect(memory.published).toHaveLength(2);
    expect([log.lines, metrics.counts]).toEqual([[], {}]);
  });

  it('counts every event that is not taken, and says once that it stops, and once that it goes on', async () => {
    const { memory, log, metrics, conduct, told } = bus();
    conduct.publish = async () => Promise.reject(denied);
    const batch = [assetEvent(), assetEvent()];
    for (const _ of [1, 2]) await expect(told.publish(batch)).rejects.toBe(denied);
    conduct.publish = async () => [true, false];
    expect(await told.publish(batch)).toEqual([true, false]);
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'events cannot be published',
        fields: { code: 'ACCESS_DENIED', reason: 'refuses these credentials' },
      },
    ]);
    conduct.publish = (...given) => memory.publish(...given);
    for (const _ of [1, 2]) await told.publish(batch);
    expect(log.messages.slice(1)).toEqual(['events are published again']);
    expect(metrics.counts).toEqual({
      'sf_events_not_taken_total{reason="ACCESS_DENIED"}': 4,
      'sf_events_not_taken_total{reason="REFUSED"}': 1,
    });
  });

  it('takes a call that was left for no failure', async () => {
    const { log, metrics, told } = bus();
    await expect(told.publish([assetEvent()], AbortSignal.abort())).rejects.toThrow();
    expect([log.lines, metrics.counts]).toEqual([[], {}]);
  });
});
