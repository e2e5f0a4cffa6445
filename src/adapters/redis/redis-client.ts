import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { Log } from '#ports/log.ts';
import type { Metrics } from '#ports/metrics.ts';

/** Where Redis is, and how long anything about it may take. */
export interface RedisClientOptions {
  /** `redis://` or `rediss://`; credentials in it are never logged. */
  readonly url: string;
  /** A command that takes longer is rejected. */
  readonly commandTimeoutMs: number;
  /** Bounds a handshake, a goodbye, and the silence of a server that owes an answer. */
  readonly connectTimeoutMs: number;
  readonly reconnectBaseMs: number;
  /** It reconnects for ever, and no wait is longer than this. */
  readonly reconnectCapMs: number;
}

/**
 * A connection that fails fast: no command waits for Redis to come back, none is sent again, and none outlives its time
 * limit. Each change between ready and unavailable is logged once, with the reason, and is the gauge `sf_redis_ready`, 1 or
 * 0. Close it with `disconnect()`.
 */
export function redisClient(options: RedisClientOptions, log: Log, metrics: Metrics): Redis {
  const client = new Redis(options.url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: options.commandTimeoutMs,
    connectTimeout: options.connectTimeoutMs,
    // A frozen server accepts connections and says nothing: without these two, a dead one is kept, and each command waits
    // for its time limit.
    socketTimeout: options.connectTimeoutMs,
    disconnectTimeout: options.connectTimeoutMs,
    retryStrategy: (attempt) => reconnectDelayMs(attempt, options),
  });
  tellChanges(client, new URL(options.url).host, log, metrics);
  return client;
}

/** Resolves when the connection can be used, cannot be made, or has not been made in `timeoutMs`. Never rejects. */
export async function untilReady(client: Redis, timeoutMs: number): Promise<void> {
  if (client.status === 'ready') return;
  await once(client, 'ready', { signal: AbortSignal.timeout(timeoutMs) }).catch(() => {});
}

/** Between half and all of the exponential delay, so that workers don't come back in step. */
function reconnectDelayMs(attempt: number, options: RedisClientOptions): number {
  const { reconnectBaseMs, reconnectCapMs } = options;
  return Math.min(reconnectCapMs, reconnectBaseMs * 2 ** (attempt - 1)) * (1 - Math.random() / 2);
}

function tellChanges(client: Redis, host: string, log: Log, metrics: Metrics): void {
  const isReady = (ready: 0 | 1) => metrics.gauge('sf_redis_ready', ready);
  isReady(0);
  let state: 'unknown' | 'ready' | 'unavailable' = 'unknown';
  let reason: string | undefined;
  client.on('error', (error: Error) => {
    reason = error.message;
  });
  client.on('ready', () => {
    state = 'ready';
    reason = undefined;
    log.info({ host }, 'Redis is ready');
    isReady(1);
  });
  client.on('reconnecting', () => {
    if (state === 'unavailable') return;
    state = 'unavailable';
    log.warn({ host, reason: reason ?? 'connection closed' }, 'Redis is unavailable');
    isReady(0);
  });
}
