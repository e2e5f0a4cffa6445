/** What is used of redlock 4.2.0, which has no types of its own; `@types/redlock` does not compile with ioredis 6. */
declare module 'redlock' {
  import type { EventEmitter } from 'node:events';

  class Redlock extends EventEmitter {
    constructor(clients: readonly Redlock.Client[], options: { readonly retryCount: number });
    lock(resource: string, ttlMs: number): Promise<Redlock.Lock>;
  }
  namespace Redlock {
    type Arguments = readonly (string | number)[];
    type Callback = (error: Error | null | undefined, result?: unknown) => void;
    interface Client {
      evalsha(hash: string, args: Arguments, callback: Callback): void;
      eval(args: Arguments, callback: Callback): void;
    }
    interface Lock {
      extend(ttlMs: number): Promise<Lock>;
      unlock(): Promise<void>;
    }
  }
  export = Redlock;
}
