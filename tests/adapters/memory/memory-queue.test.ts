import { describe, expect, it, vi } from 'vitest';
import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import type { QueueMessage } from '#ports/queue.ts';
import { queueContract } from '../../contracts/queue.contract.ts';

queueContract('MemoryQueue', async (bounds) => {
  const queue = new MemoryQueue(bounds);
  return {
    queue,
    takeDeadLetters: async () =>
      queue.deadLetters.splice(0).map(({ body, attributes = {} }) => ({ body, attributes })),
  };
});

describe('MemoryQueue', () => {
  it('holds a receipt good for its own delivery only', async () => {
    const queue = new MemoryQueue({ waitSeconds: 1, visibilitySeconds: 0.05 });
    const stop = new AbortController();
    const got: QueueMessage[] = [];
    const deliver = (messages: readonly QueueMessage[]) => {
      got.push(...messages);
      if (got.length > 1) stop.abort();
    };
    await queue.send({ body: 'x' });
    await queue.consume({ ask: async () => 1, deliver }, stop.signal);
    const [stale, fresh] = got;
    if (!stale || !fresh) throw new Error('two deliveries were made');
    expect(await queue.changeVisibility([{ message: stale, seconds: 600 }])).toEqual([false]);
    expect(await queue.remove([stale])).toEqual([true]);
    expect(queue.size).toBe(1);
    await queue.remove([fresh]);
    expect(queue.size).toBe(0);
  });

  it('counts its time with the clock that tests set', async () => {
    vi.useFakeTimers();
    try {
      const queue = new MemoryQueue({ waitSeconds: 20, visibilitySeconds: 30 });
      const stop = new AbortController();
      const deliver = vi.fn();
      const consuming = queue.consume({ ask: async () => 1, deliver }, stop.signal);
      await vi.advanceTimersByTimeAsync(19_999);
      expect(deliver).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(deliver).toHaveBeenCalledWith([], 1);
      stop.abort();
      await consuming;
    } finally {
      vi.useRealTimers();
    }
  });
});
