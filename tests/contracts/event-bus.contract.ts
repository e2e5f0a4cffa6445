import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AssetEvent } from '#domain/events.ts';
import type { EventBus } from '#ports/event-bus.ts';
import { assetEvent } from './fixtures.ts';

/** An event as a subscriber gets it. Attributes are absent where a bus has none. */
interface Received {
  readonly event: AssetEvent;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface OpenEventBus {
  readonly bus: EventBus;
  /** What came since the last call. */
  readonly take: () => Promise<readonly Received[]>;
  readonly close?: () => Promise<void>;
}

const PATIENCE = { timeout: 15_000, interval: 20 };

/** Proves the prose of the `EventBus` port on whatever `open` opens. */
export function eventBusContract(name: string, open: () => Promise<OpenEventBus>): void {
  describe(`${name} keeps the EventBus contract`, { timeout: 30_000 }, () => {
    let opened: OpenEventBus;
    let bus: EventBus;

    beforeAll(async () => {
      opened = await open();
      bus = opened.bus;
    });
    afterAll(() => opened.close?.());

    const receive = async (count: number): Promise<readonly Received[]> => {
      const received: Received[] = [];
      await vi.waitFor(async () => {
        received.push(...(await opened.take()));
        expect(received.length).toBeGreaterThanOrEqual(count);
      }, PATIENCE);
      return received;
    };

    it('brings an event to its subscriber exactly as it was published', async () => {
      const event = assetEvent({ fileName: 'Übung „1“ 🏖 \u0007\ufffe.mp4', size: null });
      expect(await bus.publish([event])).toEqual([true]);
      const [received] = await receive(1);
      expect(received?.event).toEqual(event);
    });

    it('brings the attributes that subscribers filter on', async () => {
      const event = assetEvent();
      await bus.publish([event]);
      const [received] = await receive(1);
      const { type, tenant, status, contentType, correlationId, eventId } = event;
      expect(received?.attributes ?? event).toMatchObject({
        type,
        tenant,
        status,
        contentType,
        correlationId,
        eventId,
      });
    });

    it('takes ten events at once, and answers for each', async () => {
      const events = Array.from({ length: 10 }, () => assetEvent());
      expect(await bus.publish(events)).toEqual(events.map(() => true));
      const received = await receive(10);
      const ids = received.map(({ event }) => event.eventId);
      expect(ids.toSorted()).toEqual(events.map(({ eventId }) => eventId).toSorted());
    });

    it('takes the same event twice', async () => {
      const event = assetEvent({ eventId: randomUUID() });
      expect(await bus.publish([event, event])).toEqual([true, true]);
      expect(await receive(2)).toHaveLength(2);
    });

    it('makes no call of an empty batch', async () => {
      expect(await bus.publish([])).toEqual([]);
    });

    it('rejects a call whose signal is aborted', async () => {
      const reason = new Error('left');
      await expect(bus.publish([assetEvent()], AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
