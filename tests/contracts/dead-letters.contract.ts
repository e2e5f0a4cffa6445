import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import type { OutgoingMessage, Queue } from '#ports/queue.ts';
import { aMessage } from '../support/a-message.ts';

export interface OpenDeadLetters {
  readonly letters: DeadLetters;
  /** The work queue whose dead letters these are. */
  readonly queue: Queue;
  /** Puts a message there as it is, as a queue does that gives a message up. */
  readonly giveUp: (message: OutgoingMessage) => Promise<void>;
}

/** Longer than a suite takes, and short where a test waits for it. */
const LONG_SECONDS = 600;
const SHORT_SECONDS = 2;

const PATIENCE = { timeout: 15_000, interval: 50 };

const REASON = { code: 'MALFORMED_MESSAGE', detail: 'the body is not a JSON object' };

/** Proves the prose of the `DeadLetters` port on whatever `open` opens, a queue of its own per test. */
export function deadLettersContract(
  name: string,
  open: (visibilitySeconds: number) => Promise<OpenDeadLetters>,
): void {
  describe(`${name} keeps the DeadLetters contract`, { timeout: 30_000 }, () => {
    let letters: DeadLetters;
    let opened: OpenDeadLetters;
    beforeEach(async () => {
      opened = await open(LONG_SECONDS);
      letters = opened.letters;
    });

    const bury = async (count: number): Promise<string[]> => {
      const bodies = Array.from({ length: count }, (_, i) => `${i} ${randomUUID()}`);
      for (const body of bodies) await opened.queue.deadLetter(aMessage(body), REASON);
      return bodies;
    };
    /** Everything that is visible: receives until one brings nothing. */
    const gather = async (): Promise<readonly DeadLetter[]> => {
      const got: DeadLetter[] = [];
      for (;;) {
        const more = await letters.receive();
        if (more.length === 0) return got;
        expect(more.length).toBeLessThanOrEqual(10);
        got.push(...more);
      }
    };
    const bodiesOf = (got: readonly DeadLetter[]) => got.map(({ body }) => body).toSorted();

    describe('what comes', () => {
      it('is the message as it was sent, and apart from it why it was buried', async () => {
        const sent = { traceparent: '00-a-b-01', name: 'Grüße' };
        const message = aMessage('ü "quoted" „“ \\ <&>', { id: 'm-7', attributes: sent });
        const from = Date.now();
        await opened.queue.deadLetter(message, REASON);
        const [letter, ...more] = await letters.receive();
        expect(more).toEqual([]);
        expect(letter).toMatchObject({
          body: message.body,
          attributes: sent,
          reason: { ...REASON, sourceMessageId: 'm-7' },
          receiveCount: 1,
        });
        expect(Object.keys(letter?.attributes ?? {}).toSorted()).toEqual(['name', 'traceparent']);
        expect(letter?.id).not.toBe('');
        // Clocks differ; milliseconds since 1970 they are all the same.
        expect(Math.abs((letter?.sentAt ?? 0) - from)).toBeLessThan(3_600_000);
      });

      it('has no reason where the queue gave it up, whatever the sender called its attributes', async () => {
        await opened.giveUp({ body: 'x' });
        await opened.giveUp({ body: 'y', attributes: { code: '42', detail: 'mine' } });
        const got = (await gather()).toSorted((a, b) => (a.body < b.body ? -1 : 1));
        expect(got).toMatchObject([
          { body: 'x', reason: null },
          { body: 'y', reason: null },
        ]);
        expect(got.map(({ attributes }) => attributes)).toEqual([
          {},
          { code: '42', detail: 'mine' },
        ]);
      });

      it('is everything, at most ten at once, and then nothing', async () => {
        const bodies = await bury(25);
        const got = await gather();
        expect(bodiesOf(got)).toEqual(bodies.toSorted());
        expect(new Set(got.map(({ id }) => id)).size).toBe(25);
      });

      it('is counted, whether it hides or not', async () => {
        await bury(3);
        // Approximate: some services count late.
        await vi.waitFor(async () => expect(await letters.count()).toBe(3), PATIENCE);
        await letters.receive();
        await vi.waitFor(async () => expect(await letters.count()).toBe(3), PATIENCE);
      });
    });

    describe('a letter that was received', () => {
      it('hides, and is seen again when it is given back, one receive older', async () => {
        await bury(2);
        const [first, second] = await gather();
        if (!first || !second) throw new Error('two were buried');
        expect(await letters.giveBack([first])).toEqual([true]);
        const again = await gather();
        expect(again).toMatchObject([{ id: first.id, body: first.body, receiveCount: 2 }]);
      });

      it('is seen again when its time is over, though nobody gave it back', async () => {
        opened = await open(SHORT_SECONDS);
        letters = opened.letters;
        const [body] = await bury(1);
        expect(await letters.receive()).toHaveLength(1);
        const again = await vi.waitFor(async () => {
          const got = await letters.receive();
          expect(got).toHaveLength(1);
          return got;
        }, PATIENCE);
        expect(again[0]).toMatchObject({ body, receiveCount: 2 });
      });

      it('is gone when it is removed', async () => {
        await bury(3);
        const [first, ...others] = await gather();
        if (!first) throw new Error('three were buried');
        expect(await letters.remove([first])).toEqual([true]);
        expect(await letters.giveBack(others)).toEqual([true, true]);
        expect(bodiesOf(await gather())).toEqual(bodiesOf(others));
        await vi.waitFor(async () => expect(await letters.count()).toBe(2), PATIENCE);
      });
    });

    describe('batches', () => {
      it('answer in order, one per entry', async () => {
        await bury(2);
        const [a, b] = await gather();
        if (!a || !b) throw new Error('two were buried');
        const stranger = { ...a, id: randomUUID(), receipt: 'no-such-receipt' };
        expect(await letters.giveBack([a, stranger, b])).toEqual([true, false, true]);
        expect(await gather()).toHaveLength(2);
      });

      it('that are empty are no call', async () => {
        expect(await letters.remove([])).toEqual([]);
        expect(await letters.giveBack([])).toEqual([]);
      });
    });

    it('rejects calls whose signal is aborted, and does nothing', async () => {
      await bury(1);
      const got = await letters.receive();
      const reason = new Error('left');
      const signal = AbortSignal.abort(reason);
      await expect(letters.receive(signal)).rejects.toBe(reason);
      await expect(letters.count(signal)).rejects.toBe(reason);
      await expect(letters.giveBack(got, signal)).rejects.toBe(reason);
      await expect(letters.remove(got, signal)).rejects.toBe(reason);
      expect(await gather()).toEqual([]);
      expect(await letters.giveBack(got)).toEqual([true]);
      expect(await gather()).toHaveLength(1);
    });
  });
}
