import { describe, expect, it } from 'vitest';
import { MemoryDeadLetters } from '#adapters/memory/memory-dead-letters.ts';
import { gatherDeadLetters } from '#app/queries/gather-dead-letters.ts';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import type { OutgoingMessage } from '#ports/queue.ts';
import { overriding } from '../../support/overriding.ts';

/** So many dead letters, and a way to gather them. */
function world(count: number, deadLettersMax = 1000) {
  const there: OutgoingMessage[] = Array.from({ length: count }, (_, i) => ({ body: `${i}` }));
  const letters = new MemoryDeadLetters(there, { visibilitySeconds: 600 });
  const over = (port: DeadLetters) =>
    gatherDeadLetters({ letters: port, limits: { deadLettersMax } });
  return { there, letters, over, gather: over(letters) };
}

const bodiesOf = (letters: readonly DeadLetter[]) => letters.map(({ body }) => Number(body));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

describe('gathering dead letters', () => {
  it('brings all of them, says how far it is, and hides them meanwhile', async () => {
    const { gather, letters } = world(25);
    const heard: number[] = [];
    const gathered = await gather({ onProgress: (lookedAt) => heard.push(lookedAt) });
    expect(sorted(bodiesOf(gathered.found))).toEqual(upTo(25));
    expect(gathered).toMatchObject({ others: [], isCut: false });
    expect(heard).toEqual([10, 20, 25]);
    expect(await letters.receive()).toEqual([]);
  });

  it('brings none where there is none', async () => {
    expect(await world(0).gather()).toEqual({ found: [], others: [], isCut: false });
  });

  it('ends at its bound, and says so', async () => {
    const { gather, letters } = world(45, 20);
    const gathered = await gather();
    expect(gathered.found).toHaveLength(20);
    expect(gathered.isCut).toBe(true);
    expect(await letters.receive()).toHaveLength(10);
  });

  it('ends as soon as it has what it looks for, and tells the others apart', async () => {
    const { gather, letters } = world(45);
    const [, wanted] = await letters.receive();
    if (!wanted) throw new Error('there are some');
    await letters.giveBack([wanted]);
    const { found, others, isCut } = await gather({ ids: [wanted.id] });
    expect(found).toMatchObject([{ id: wanted.id, receiveCount: 2 }]);
    expect(others).toHaveLength(9);
    expect(isCut).toBe(false);
    expect(await letters.receive()).toHaveLength(10);
  });

  it('looks at all of them for one that is not there', async () => {
    const { found, others } = await world(12).gather({ ids: ['nobody'] });
    expect(found).toEqual([]);
    expect(others).toHaveLength(12);
  });

  it('orders them by when they were sent', async () => {
    const { over, letters } = world(3);
    const sentAt: Record<string, number> = { 0: 30, 1: 10, 2: 20 };
    const receive = async () =>
      (await letters.receive()).map((letter) => ({ ...letter, sentAt: sentAt[letter.body] ?? 0 }));
    const { found } = await over(overriding<DeadLetters>(letters, { receive }))();
    expect(bodiesOf(found)).toEqual([1, 2, 0]);
  });

  it('takes one that comes twice for one, with the receipt that is good', async () => {
    const { over, letters } = world(1);
    const receipts: string[] = [];
    const receive = async () => {
      const got = await letters.receive();
      receipts.push(...got.map(({ receipt }) => receipt));
      // Its time is over before the pass is.
      await letters.giveBack(got);
      return got;
    };
    const { found } = await over(overriding<DeadLetters>(letters, { receive }))();
    expect(receipts).toHaveLength(2);
    expect(found.map(({ receipt }) => receipt)).toEqual(receipts.slice(1));
  });

  it('gives back what it has when it fails', async () => {
    const { over, letters } = world(15);
    const outage = new Error('no answer');
    let calls = 0;
    const receive = async () => {
      calls += 1;
      if (calls > 1) throw outage;
      return letters.receive();
    };
    const failing = over(overriding<DeadLetters>(letters, { receive }));
    await expect(failing()).rejects.toBe(outage);
    expect(await letters.receive()).toHaveLength(10);
    expect(await letters.receive()).toHaveLength(5);
  });

  it('gives back what it has when it is aborted, and tells the reason though that fails too', async () => {
    const { gather, over, letters } = world(15);
    const reason = new Error('left');
    const abortedBy = (search: typeof gather) => {
      const stop = new AbortController();
      return search({ onProgress: () => stop.abort(reason) }, stop.signal);
    };
    await expect(abortedBy(gather)).rejects.toBe(reason);
    const all = [...(await letters.receive()), ...(await letters.receive())];
    expect(all).toHaveLength(15);

    await letters.giveBack(all.slice(0, 10));
    const giveBack = () => Promise.reject(new Error('no answer'));
    await expect(abortedBy(over(overriding<DeadLetters>(letters, { giveBack })))).rejects.toBe(
      reason,
    );
  });
});
