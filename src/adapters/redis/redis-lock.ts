import type { Redis } from 'ioredis';
import Redlock from 'redlock';
import type { Acquired, HeldLock, Lock } from '#ports/lock.ts';
import type { Metrics } from '#ports/metrics.ts';

const KEY_PREFIX = 'sf:lock:';

/** How long an answer may take. */
export interface RedisLockOptions {
  /** Of an attempt, an extension, a release; a script and the unlock after one that failed fit in. */
  readonly timeoutMs: number;
}

/**
 * Locks on one Redis, by redlock's scripts, without its waiting. Each that could not be told is counted, as
 * `sf_lock_unavailable_total`.
 */
export class RedisLock implements Lock {
  readonly #client: Redlock.Client;
  readonly #timeoutMs: number;
  readonly #metrics: Metrics;

  constructor(client: Redis, options: RedisLockOptions, metrics: Metrics) {
    this.#client = wholeScripts(client);
    this.#timeoutMs = options.timeoutMs;
    this.#metrics = metrics;
  }

  async acquire(name: string, ttlMs: number): Promise<Acquired> {
    const attempt = this.#attempt(KEY_PREFIX + name, ttlMs);
    const acquired = await within(this.#timeoutMs, attempt, 'unavailable');
    if (acquired === 'unavailable') {
      this.#metrics.count('sf_lock_unavailable_total');
      giveUp(attempt);
    }
    return acquired;
  }

  /**
   * redlock tells a lock that is held and a Redis that is down by the same error, but only the latter by `clientError`.
   * That event doesn't say which call it is about, so each attempt has an instance of its own.
   */
  async #attempt(key: string, ttlMs: number): Promise<Acquired> {
    const redlock = new Redlock([this.#client], { retryCount: 0 });
    let answered = true;
    redlock.on('clientError', () => {
      answered = false;
    });
    try {
      return new HeldRedlock(await redlock.lock(key, ttlMs), this.#timeoutMs);
    } catch {
      return answered ? 'held' : 'unavailable';
    }
  }
}

class HeldRedlock implements HeldLock {
  readonly #lock: Redlock.Lock;
  readonly #timeoutMs: number;

  constructor(lock: Redlock.Lock, timeoutMs: number) {
    this.#lock = lock;
    this.#timeoutMs = timeoutMs;
  }

  extend(ttlMs: number): Promise<boolean> {
    return within(this.#timeoutMs, this.#settle(this.#lock.extend(ttlMs)), false);
  }

  async release(): Promise<void> {
    await within(this.#timeoutMs, this.#settle(this.#lock.unlock()), false);
  }

  async #settle(step: Promise<unknown>): Promise<boolean> {
    try {
      await step;
      return true;
    } catch {
      return false;
    }
  }
}

/**
 * Sends scripts whole, not by their hash. Where a lock times out on a frozen server, redlock sends an unlock after it, so
 * that nothing stays when it thaws; by hash, a server that doesn't know that script yet would drop it.
 */
function wholeScripts(client: Redis): Redlock.Client {
  return {
    evalsha: (_hash, _args, callback) => callback(new Error('NOSCRIPT')),
    eval: (args, callback) => void client.call('EVAL', [...args], callback),
  };
}

/** Nobody waits for this attempt any more: should it succeed after all, the lock must not stay. */
function giveUp(attempt: Promise<Acquired>): void {
  void attempt.then((late) => (typeof late === 'string' ? undefined : late.release()));
}

async function within<T>(timeoutMs: number, answer: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, otherwise);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
