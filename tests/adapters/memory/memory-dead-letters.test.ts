import { MemoryDeadLetters } from '#adapters/memory/memory-dead-letters.ts';
import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import { deadLettersContract } from '../../contracts/dead-letters.contract.ts';

deadLettersContract('MemoryDeadLetters', async (visibilitySeconds) => {
  const queue = new MemoryQueue({ waitSeconds: 1, visibilitySeconds: 30 });
  return {
    queue,
    letters: new MemoryDeadLetters(queue.deadLetters, { visibilitySeconds }),
    giveUp: async (message) => void queue.deadLetters.push(message),
  };
});
