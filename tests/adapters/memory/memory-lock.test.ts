import { describe, expect, it } from 'vitest';
import { MemoryLock } from '#adapters/memory/memory-lock.ts';
import { held, lockContract } from '../../contracts/lock.contract.ts';
import { FixedClock } from '../../support/fixed-clock.ts';

lockContract('MemoryLock', async () => {
  const clock = new FixedClock();
  const lock = new MemoryLock(clock, { entriesMax: 100 });
  return { lock, other: lock, elapse: async (ms) => clock.advance(ms) };
});

describe('MemoryLock', () => {
  it('is unavailable for another name while it holds as many as it may', async () => {
    const clock = new FixedClock();
    const lock = new MemoryLock(clock, { entriesMax: 2 });
    const first = held(await lock.acquire('a', 1000));
    await lock.acquire('b', 500);
    expect(await lock.acquire('c', 1000)).toBe('unavailable');
    expect(await lock.acquire('a', 1000)).toBe('held');
    await first.release();
    held(await lock.acquire('c', 1000));
    expect(await lock.acquire('d', 1000)).toBe('unavailable');
    clock.advance(500);
    held(await lock.acquire('d', 1000));
  });
});
