import type { Redis } from 'ioredis';
import Redlock from 'redlock';
import type { Acquired, HeldLock, Lock } from '#ports/lock.ts';
import type { Metrics } from '#ports/metrics.ts';
import { within } from './within.ts';

const KEY_PREFIX = 'sf:lock:';

/** How long an answer may take. */
export interface RedisLockOptions {
  /** Of an attempt, an extension, a release; a script and the unlock after one that failed fit in. */
  readonly timeoutMs: number;
}

/** What counts locks that could not be told of, be it when they were asked for or when they were to be held longer. */
const UNAVAILABLE = 'sf_lock_unavailable_total';

/** What counts locks that were gone before their holder was done: emptied, evicted, overwritten, or held too late. */
const LOST = 'sf_lock_lost_total';

/**
 * Locks on one Redis, by redlock's scripts, without its waiting. That Redis is unwell shows in two counts:
 * `sf_lock_unavailable_total` and `sf_lock_lost_total`.
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
      this.#metrics.count(UNAVAILABLE);
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
    let faults = 0;
    redlock.on('clientError', () => {
      faults += 1;
    });
    try {
      const lock = await redlock.lock(key, ttlMs);
      return new HeldRedlock(lock, this.#timeoutMs, this.#metrics, () => faults);
    } catch {
      return faults === 0 ? 'held' : 'unavailable';
    }
  }
}

class HeldRedlock implements HeldLock {
  readonly #lock: Redlock.Lock;
  readonly #timeoutMs: number;
  readonly #metrics: Metrics;
  /** How often Redis has failed this lock so far. */
  readonly #faults: () => number;
  /** Lost, and counted so, or released. */
  #isOver = false;

  constructor(lock: Redlock.Lock, timeoutMs: number, metrics: Metrics, faults: () => number) {
    this.#lock = lock;
    this.#timeoutMs = timeoutMs;
    this.#metrics = metrics;
    this.#faults = faults;
  }

  async extend(ttlMs: number): Promise<boolean> {
    const faultsBefore = this.#faults();
    const step = this.#settle(this.#lock.extend(ttlMs));
    const extended = await within<boolean | 'unavailable'>(this.#timeoutMs, step, 'unavailable');
    if (extended === 'unavailable' || this.#faults() > faultsBefore) {
      this.#metrics.count(UNAVAILABLE);
      return false;
    }
    if (!extended && !this.#isOver) {
      this.#isOver = true;
      this.#metrics.count(LOST);
    }
    return extended;
  }

  async release(): Promise<void> {
    this.#isOver = true;
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
