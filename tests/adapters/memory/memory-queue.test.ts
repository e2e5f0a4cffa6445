import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import { queueContract } from '../../contracts/queue.contract.ts';

queueContract('MemoryQueue', async (bounds) => {
  const queue = new MemoryQueue(bounds);
  return {
    queue,
    takeDeadLetters: async () =>
      queue.deadLetters.splice(0).map(({ body, attributes = {} }) => ({ body, attributes })),
  };
});
