import type { Redis } from 'ioredis';
import { ASSET_STATUSES, type Asset, type AssetKey } from '#domain/asset.ts';
import { assetName } from '#domain/keys.ts';
import type { Log } from '#ports/log.ts';
import type { Metrics } from '#ports/metrics.ts';
import type { StatusCache } from '#ports/status-cache.ts';
import { within } from './within.ts';

const KEY_PREFIX = 'sf:asset:';

/** An answer that did not come in time. */
const LATE = Symbol('late');

/**
 * A value is `<rev>:<JSON>`, so that the script need not parse the row. Whatever else lies under the key, of whatever type,
 * is replaced.
 */
const SET_UNLESS_OLDER = `
local current = redis.pcall('GET', KEYS[1])
if type(current) == 'string' then
  local rev = tonumber(string.match(current, '^(%d+):'))
  if rev and rev > tonumber(ARGV[1]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
return 1
`;

/** How long an answer may take. */
export interface RedisStatusCacheOptions {
  /** Of a read or a write: somebody waits for it, who could ask the store instead. */
  readonly timeoutMs: number;
}

/**
 * Copies of rows in Redis. Whatever goes wrong there is a miss, told at debug level and counted, as
 * `sf_cache_unavailable_total`.
 */
export class RedisStatusCache implements StatusCache {
  readonly #client: Redis;
  readonly #timeoutMs: number;
  readonly #log: Log;
  readonly #metrics: Metrics;

  constructor(client: Redis, options: RedisStatusCacheOptions, log: Log, metrics: Metrics) {
    this.#client = client;
    this.#timeoutMs = options.timeoutMs;
    this.#log = log;
    this.#metrics = metrics;
  }

  async get(key: AssetKey): Promise<Asset | null> {
    try {
      const value = await this.#inTime(this.#client.get(redisKey(key)));
      return value === null ? null : parse(value, key);
    } catch (error) {
      this.#failed(error, 'Status cache could not be read');
      return null;
    }
  }

  async put(asset: Asset, ttlMs: number): Promise<void> {
    const row = JSON.stringify(asset);
    try {
      await this.#inTime(
        this.#client.eval(SET_UNLESS_OLDER, 1, redisKey(asset), asset.rev, row, ttlMs),
      );
    } catch (error) {
      this.#failed(error, 'Status cache could not be written');
    }
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const value = await within<T | typeof LATE>(this.#timeoutMs, answer, LATE);
    if (value === LATE) throw new Error(`no answer in ${this.#timeoutMs} ms`);
    return value;
  }

  #failed(error: unknown, message: string): void {
    this.#log.debug({ reason: String(error) }, message);
    // What lies there and is none of ours makes no Redis unavailable.
    if (!(error instanceof SyntaxError)) this.#metrics.count('sf_cache_unavailable_total');
  }
}

function redisKey(key: AssetKey): string {
  return KEY_PREFIX + assetName(key);
}

/** The row in a value that `put` wrote for this key; null for any other. Throws where it is no JSON. */
function parse(value: string, key: AssetKey): Asset | null {
  const row: unknown = JSON.parse(value.slice(value.indexOf(':') + 1));
  return isAsset(row) && assetName(row) === assetName(key) ? row : null;
}

/** Tells what we wrote from what somebody else did; nobody but us writes rows under our prefix. */
function isAsset(row: unknown): row is Asset {
  if (typeof row !== 'object' || row === null) return false;
  const { tenant, assetId, status, rev, generation, history } = row as Partial<Asset>;
  return (
    typeof tenant === 'string' &&
    typeof assetId === 'string' &&
    ASSET_STATUSES.some((known) => known === status) &&
    Number.isSafeInteger(rev) &&
    Number.isSafeInteger(generation) &&
    Array.isArray(history)
  );
}
