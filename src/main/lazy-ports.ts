import type { EventBus } from '#ports/event-bus.ts';
import type { Queue } from '#ports/queue.ts';

/**
 * A queue that is opened when it is first used. While it cannot be, its calls reject with why, `consume` too: whoever consumes
 * has seen it open before (`until-set-up.ts`).
 */
export function lazyQueue(open: () => Promise<Queue>): Queue {
  return {
    consume: async (...given) => (await open()).consume(...given),
    remove: async (...given) => (await open()).remove(...given),
    changeVisibility: async (...given) => (await open()).changeVisibility(...given),
    send: async (...given) => (await open()).send(...given),
    deadLetter: async (...given) => (await open()).deadLetter(...given),
  };
}

/** An event bus that is opened when it is first used. While it cannot be, its calls reject with why. */
export function lazyEventBus(open: () => Promise<EventBus>): EventBus {
  return { publish: async (...given) => (await open()).publish(...given) };
}

/** Makes something once it is asked for, for everybody who asks. What could not be made is tried again by the next. */
export function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
