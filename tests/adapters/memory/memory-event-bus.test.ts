import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { eventBusContract } from '../../contracts/event-bus.contract.ts';

eventBusContract('MemoryEventBus', async () => {
  const bus = new MemoryEventBus();
  return { bus, take: async () => bus.published.splice(0).map((event) => ({ event })) };
});
