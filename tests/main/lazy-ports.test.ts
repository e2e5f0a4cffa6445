import { describe, expect, it, vi } from 'vitest';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import { lazyEventBus, lazyQueue, remembered } from '#main/lazy-ports.ts';
import { queueContract } from '../contracts/queue.contract.ts';

queueContract('lazyQueue', async (bounds) => {
  const queue = new MemoryQueue(bounds);
  return {
    queue: lazyQueue(async () => queue),
    takeDeadLetters: async () =>
      queue.deadLetters.splice(0).map(({ body, attributes = {} }) => ({ body, attributes })),
  };
});

describe('remembered', () => {
  it('makes one for all who ask', async () => {
    const make = vi.fn(async () => ({}));
    const get = remembered(make);
    const [first, second] = await Promise.all([get(), get()]);
    expect(first).toBe(second);
    expect(await get()).toBe(first);
    expect(make).toHaveBeenCalledOnce();
  });

  it('does not remember a failure', async () => {
    const make = vi.fn(async () => 'made').mockRejectedValueOnce(new Error('down'));
    const get = remembered(make);
    const both = await Promise.allSettled([get(), get()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(make).toHaveBeenCalledOnce();
    expect(await get()).toBe('made');
  });
});

describe('a lazy port', () => {
  it('rejects with why it cannot be opened, and works once it can', async () => {
    const queue = new MemoryQueue({ waitSeconds: 0.01, visibilitySeconds: 30 });
    let isUp = false;
    const open = remembered(async () => {
      if (!isUp) throw new Error('down');
      return queue;
    });
    const lazy = lazyQueue(open);
    const bus = lazyEventBus(async () => {
      await open();
      return new MemoryEventBus();
    });
    await expect(lazy.send({ body: 'x' })).rejects.toThrow('down');
    await expect(bus.publish([])).rejects.toThrow('down');
    isUp = true;
    await lazy.send({ body: 'x' });
    expect(queue.size).toBe(1);
    expect(await bus.publish([])).toEqual([]);
  });
});
