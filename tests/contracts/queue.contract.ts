import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Demand, Queue, QueueMessage } from '#ports/queue.ts';

/** A dead letter, as whoever looks into the dead-letter queue sees it. */
interface DeadLetter {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface OpenQueue {
  readonly queue: Queue;
  /** Every dead letter so far that was not taken before. */
  readonly takeDeadLetters: () => Promise<readonly DeadLetter[]>;
  readonly close?: () => Promise<void>;
}

/** What the suite needs to be short: a queue of its own per test, with these bounds. */
export interface QueueBounds {
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
}

const BOUNDS: QueueBounds = { waitSeconds: 1, visibilitySeconds: 2 };

/** Longer than any wait and any visibility of the suite, shorter than a test. */
const PATIENCE = { timeout: 15_000, interval: 20 };

/** A consumer with a fixed amount of room, that keeps what it gets and the books of its asks. */
class Reader implements Demand {
  readonly got: QueueMessage[] = [];
  /** Number asked for, and number delivered, per ask. */
  readonly asks: { readonly asked: number; delivered?: number }[] = [];
  readonly #room: () => number | Promise<number>;

  constructor(room: () => number | Promise<number> = () => 10) {
    this.#room = room;
  }

  async ask(): Promise<number> {
    const asked = await this.#room();
    this.asks.push({ asked });
    return asked;
  }

  deliver(messages: readonly QueueMessage[], asked: number): void {
    const open = this.asks.find((ask) => ask.asked === asked && ask.delivered === undefined);
    if (!open) throw new Error(`${messages.length} messages for an ask of ${asked} nobody made`);
    open.delivered = messages.length;
    this.got.push(...messages);
  }

  get bodies(): string[] {
    return this.got.map(({ body }) => body);
  }
}

/** Proves the prose of the `Queue` port on whatever `open` opens. */
export function queueContract(
  name: string,
  open: (bounds: QueueBounds) => Promise<OpenQueue>,
): void {
  describe(`${name} keeps the Queue contract`, { timeout: 30_000 }, () => {
    let opened: OpenQueue;
    let queue: Queue;
    let stop: AbortController;
    let running: Promise<void>[];

    beforeEach(async () => {
      opened = await open(BOUNDS);
      queue = opened.queue;
      stop = new AbortController();
      running = [];
    });
    afterEach(async () => {
      stop.abort();
      await Promise.all(running);
      await opened.close?.();
    });

    const consume = (reader: Demand): Promise<void> => {
      const consuming = queue.consume(reader, stop.signal);
      running.push(consuming);
      return consuming;
    };
    const start = (reader: Demand): void => void consume(reader);
    const send = async (count: number): Promise<string[]> => {
      const bodies = Array.from({ length: count }, (_, i) => `${i} ${randomUUID()}`);
      for (const body of bodies) await queue.send({ body });
      return bodies;
    };
    const receive = async (count: number): Promise<Reader> => {
      const reader = new Reader();
      start(reader);
      await vi.waitFor(() => expect(reader.got.length).toBeGreaterThanOrEqual(count), PATIENCE);
      return reader;
    };
    const first = async (): Promise<{ message: QueueMessage; reader: Reader }> => {
      const reader = await receive(1);
      const [message] = reader.got;
      if (!message) throw new Error('nothing was received');
      return { message, reader };
    };

    describe('messages', () => {
      it('brings body and attributes as they were sent', async () => {
        const body = JSON.stringify({ text: 'ü "quoted" „“ \\ <&>' });
        await queue.send({ body, attributes: { traceparent: '00-a-b-01', name: 'Grüße' } });
        const { message } = await first();
        expect(message).toMatchObject({
          body,
          receiveCount: 1,
          attributes: { traceparent: '00-a-b-01', name: 'Grüße' },
        });
        expect(message.id).not.toBe('');
      });

      it('brings every message', async () => {
        const bodies = await send(25);
        const reader = await receive(25);
        expect(reader.bodies.toSorted()).toEqual(bodies.toSorted());
      });

      it('brings a message again that was not removed in time, and counts', async () => {
        const [body = ''] = await send(1);
        const reader = await receive(2);
        expect(reader.bodies).toEqual([body, body]);
        expect(reader.got.map(({ receiveCount }) => receiveCount)).toEqual([1, 2]);
      });

      it('does not bring a message again that was removed', async () => {
        await send(2);
        const reader = await receive(2);
        expect(await queue.remove(reader.got.slice(0, 1))).toEqual([true]);
        await vi.waitFor(() => expect(reader.got.length).toBeGreaterThanOrEqual(3), PATIENCE);
        expect(reader.bodies).toEqual([...reader.bodies.slice(0, 2), reader.bodies[1]]);
      });

      it('brings a message again that is given back, however long it was to be hidden', async () => {
        await send(1);
        const { message, reader } = await first();
        expect(await queue.changeVisibility([{ message, seconds: 600 }])).toEqual([true]);
        expect(await queue.changeVisibility([{ message, seconds: 0 }])).toEqual([true]);
        await vi.waitFor(() => expect(reader.got).toHaveLength(2), PATIENCE);
      });

      it('hides a message for as long as it is told', async () => {
        const [hidden, free] = await send(2);
        const reader = await receive(2);
        const longer = reader.got
          .filter(({ body }) => body === hidden)
          .map((message) => ({ message, seconds: 600 }));
        expect(await queue.changeVisibility(longer)).toEqual([true]);
        await vi.waitFor(() => expect(reader.got).toHaveLength(4), PATIENCE);
        expect(reader.bodies.slice(2)).toEqual([free, free]);
      });
    });

    describe('batches', () => {
      it('answers in order, one per entry', async () => {
        await send(3);
        const reader = await receive(3);
        const stranger: QueueMessage = {
          id: randomUUID(),
          body: '',
          receipt: 'no-such-receipt',
          receiveCount: 1,
          attributes: {},
        };
        const [a, b, c] = reader.got;
        if (!a || !b || !c) throw new Error('three were received');
        const changes = [a, stranger, b, c].map((message) => ({ message, seconds: 9 }));
        expect(await queue.changeVisibility(changes)).toEqual([true, false, true, true]);
        expect(await queue.remove([a, b, c])).toEqual([true, true, true]);
      });

      it('makes no call of an empty batch', async () => {
        expect(await queue.remove([])).toEqual([]);
        expect(await queue.changeVisibility([])).toEqual([]);
      });

      it('takes two deliveries of one message', async () => {
        await send(1);
        const reader = await receive(2);
        expect(new Set(reader.got.map(({ id }) => id)).size).toBe(1);
        const results = await queue.remove(reader.got);
        expect(results).toHaveLength(2);
        expect(results.at(1)).toBe(true);
      });
    });

    describe('demand', () => {
      it('receives nothing that was not asked for', async () => {
        await send(10);
        let asks = 0;
        const never = new Promise<number>(() => {});
        const reader = new Reader(() => {
          asks += 1;
          return asks === 1 ? 3 : asks === 2 ? 1 : never;
        });
        start(reader);
        await vi.waitFor(() => expect(reader.got.length).toBeGreaterThan(0), PATIENCE);
        await vi.waitFor(() => {
          expect(reader.asks).toHaveLength(2);
          expect(reader.asks.every(({ delivered }) => delivered !== undefined)).toBe(true);
        }, PATIENCE);
        for (const { asked, delivered } of reader.asks) {
          expect(delivered).toBeLessThanOrEqual(asked);
        }
        const rest = await receive(1);
        expect(rest.got.every(({ receiveCount }) => receiveCount === 1)).toBe(true);
      });

      it('follows every ask with one deliver, also where nothing came', async () => {
        const reader = new Reader(() => 4);
        start(reader);
        await vi.waitFor(() => {
          expect(reader.asks.filter(({ delivered }) => delivered === 0).length).toBeGreaterThan(1);
        }, PATIENCE);
        stop.abort();
        await Promise.all(running);
        expect(reader.asks.every(({ delivered }) => delivered === 0)).toBe(true);
      });

      it('ends when the consumer leaves', async () => {
        await queue.consume(new Reader(() => Promise.reject(new Error('left'))), stop.signal);
        expect(stop.signal.aborted).toBe(false);
      });
    });

    describe('cancellation', () => {
      it('asks for nothing after its signal aborted', async () => {
        stop.abort();
        const reader = new Reader();
        await consume(reader);
        expect(reader.asks).toEqual([]);
      });

      it('ends at once where nothing is received, and refunds an ask that is answered later', async () => {
        const late = Promise.withResolvers<number>();
        let asked = 0;
        const reader = new Reader(() => {
          asked += 1;
          return late.promise;
        });
        const consuming = consume(reader);
        await vi.waitFor(() => expect(asked).toBeGreaterThan(0), PATIENCE);
        stop.abort();
        await consuming;
        late.resolve(7);
        await vi.waitFor(() => expect(reader.asks).toHaveLength(asked), PATIENCE);
        await vi.waitFor(() => {
          expect(reader.asks.every(({ delivered }) => delivered === 0)).toBe(true);
        }, PATIENCE);
      });

      it('waits for an open receive no longer than its wait, and loses nothing', async () => {
        const reader = new Reader();
        const consuming = consume(reader);
        await vi.waitFor(() => expect(reader.asks.length).toBeGreaterThan(0), PATIENCE);
        const [body] = await send(1);
        stop.abort();
        const from = performance.now();
        await consuming;
        expect(performance.now() - from).toBeLessThan(BOUNDS.waitSeconds * 1000 + 2000);
        expect(reader.asks.every(({ delivered }) => delivered !== undefined)).toBe(true);
        if (reader.got.length === 0) {
          // It was never on its way: somebody else gets it, for the first time.
          stop = new AbortController();
          const other = await receive(1);
          expect(other.got).toMatchObject([{ body, receiveCount: 1 }]);
        } else {
          expect(reader.bodies).toEqual([body]);
        }
      });

      it('rejects calls whose signal is aborted', async () => {
        await send(1);
        const { message } = await first();
        const reason = new Error('left');
        const signal = AbortSignal.abort(reason);
        await expect(queue.send({ body: 'x' }, signal)).rejects.toBe(reason);
        await expect(queue.remove([message], signal)).rejects.toBe(reason);
        const change = { message, seconds: 1 };
        await expect(queue.changeVisibility([change], signal)).rejects.toBe(reason);
        const why = { code: 'X', detail: 'y' };
        await expect(queue.deadLetter(message, why, signal)).rejects.toBe(reason);
      });
    });

    describe('dead letters', () => {
      it('are copies with their reason; the original stays until it is removed', async () => {
        await queue.send({ body: 'not json', attributes: { traceparent: '00-a-b-01' } });
        const { message, reader } = await first();
        const detail = 'unexpected token "o" in „not json“';
        await queue.deadLetter(message, { code: 'MALFORMED_MESSAGE', detail });
        let letters: readonly DeadLetter[] = [];
        await vi.waitFor(async () => {
          letters = await opened.takeDeadLetters();
          expect(letters).toHaveLength(1);
        }, PATIENCE);
        expect(letters).toMatchObject([
          {
            body: 'not json',
            attributes: {
              code: 'MALFORMED_MESSAGE',
              detail,
              sourceMessageId: message.id,
              traceparent: '00-a-b-01',
            },
          },
        ]);
        await vi.waitFor(() => expect(reader.got).toHaveLength(2), PATIENCE);
        expect(await queue.remove(reader.got.slice(1))).toEqual([true]);
      });
    });
  });
}
