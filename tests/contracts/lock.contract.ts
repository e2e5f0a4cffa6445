import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Acquired, HeldLock, Lock } from '#ports/lock.ts';

/** A lock service, seen by two workers. */
export interface OpenedLock {
  readonly lock: Lock;
  /** The same locks, held by another. */
  readonly other: Lock;
  /** Lets time pass: for real, or on a clock. */
  elapse(ms: number): Promise<void>;
  close?(): Promise<void>;
}

const LONG_MS = 60_000;
/** Long enough to do something before it ends, short enough to wait for. */
const SHORT_MS = 500;

/** Proves the prose of the `Lock` port on whatever `open` opens. */
export function lockContract(name: string, open: () => Promise<OpenedLock>): void {
  describe(`${name} keeps the Lock contract`, () => {
    let opened: OpenedLock;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close?.());

    const aName = () => `contract/${randomUUID()}`;
    const take = async (lock: Lock, of: string, ttlMs: number): Promise<HeldLock> =>
      held(await lock.acquire(of, ttlMs));

    it('gives a free lock to who asks, and to nobody else while it is held', async () => {
      const of = aName();
      await take(opened.lock, of, LONG_MS);
      expect(await opened.other.acquire(of, LONG_MS)).toBe('held');
    });

    it('is not reentrant', async () => {
      const of = aName();
      await take(opened.lock, of, LONG_MS);
      expect(await opened.lock.acquire(of, LONG_MS)).toBe('held');
    });

    it('keeps names apart, whatever they look like', async () => {
      const [a, b] = [aName(), `${aName()} {ü}:*\n`];
      await take(opened.lock, a, LONG_MS);
      await take(opened.lock, b, LONG_MS);
      expect(await opened.other.acquire(b, LONG_MS)).toBe('held');
    });

    it('lets one of many win who ask at once', async () => {
      const of = aName();
      const asked = [opened.lock, opened.other].flatMap((lock) =>
        Array.from({ length: 10 }, () => lock.acquire(of, LONG_MS)),
      );
      const losers = (await Promise.all(asked)).filter((acquired) => acquired === 'held');
      expect(losers).toHaveLength(19);
    });

    it('gives it to another once it is released', async () => {
      const of = aName();
      await (await take(opened.lock, of, LONG_MS)).release();
      await take(opened.other, of, LONG_MS);
      expect(await opened.lock.acquire(of, LONG_MS)).toBe('held');
    });

    it('ends by itself', async () => {
      const of = aName();
      const lost = await take(opened.lock, of, SHORT_MS);
      await opened.elapse(SHORT_MS);
      expect(await lost.extend(LONG_MS)).toBe(false);
      await take(opened.other, of, LONG_MS);
    });

    it('lives on when it is extended', async () => {
      const of = aName();
      const kept = await take(opened.lock, of, SHORT_MS);
      expect(await kept.extend(LONG_MS)).toBe(true);
      await opened.elapse(SHORT_MS);
      expect(await opened.other.acquire(of, LONG_MS)).toBe('held');
      expect(await kept.extend(LONG_MS)).toBe(true);
    });

    it('counts an extension from now on, also a shorter one', async () => {
      const of = aName();
      const kept = await take(opened.lock, of, LONG_MS);
      expect(await kept.extend(SHORT_MS)).toBe(true);
      await opened.elapse(SHORT_MS);
      await take(opened.other, of, LONG_MS);
    });

    it('does nothing to a lock that has passed to another', async () => {
      const of = aName();
      const lost = await take(opened.lock, of, SHORT_MS);
      await opened.elapse(SHORT_MS);
      const won = await take(opened.other, of, LONG_MS);
      expect(await lost.extend(1)).toBe(false);
      await lost.release();
      expect(await opened.lock.acquire(of, LONG_MS)).toBe('held');
      expect(await won.extend(LONG_MS)).toBe(true);
    });

    it('cannot be extended once it is released, and may be released twice', async () => {
      const of = aName();
      const gone = await take(opened.lock, of, LONG_MS);
      await gone.release();
      expect(await gone.extend(LONG_MS)).toBe(false);
      await take(opened.other, of, LONG_MS);
      await gone.release();
      expect(await opened.lock.acquire(of, LONG_MS)).toBe('held');
    });
  });
}

/** The lock, where it was got. */
export function held(acquired: Acquired): HeldLock {
  if (typeof acquired === 'string') throw new Error(`The lock is ${acquired}.`);
  return acquired;
}
