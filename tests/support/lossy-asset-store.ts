import type { Asset, AssetKey } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import type { Change } from '#domain/protocol.ts';
import type { AssetStore, DueQuery, Written } from '#ports/asset-store.ts';

/** A store between which and us the line breaks when a test says so. */
export class LossyAssetStore implements AssetStore {
  /** Calls so far, by what they did: `create`, `get`, `due`, or the step of a write. */
  readonly calls: string[] = [];
  readonly shards: number;
  readonly #store: AssetStore;
  #fault: 'reply is lost' | 'is down' | null = null;

  constructor(store: AssetStore) {
    this.#store = store;
    this.shards = store.shards;
  }

  /** The next call is applied, and fails all the same. */
  loseNextReply(): void {
    this.#fault = 'reply is lost';
  }

  /** The next call fails before it is applied. */
  failNext(): void {
    this.#fault = 'is down';
  }

  create(asset: Asset, signal?: AbortSignal): Promise<boolean> {
    return this.#call('create', () => this.#store.create(asset, signal));
  }

  write(key: AssetKey, change: Change, signal?: AbortSignal): Promise<Written> {
    return this.#call(change.step, () => this.#store.write(key, change, signal));
  }

  get(key: AssetKey, signal?: AbortSignal): Promise<Asset | null> {
    return this.#call('get', () => this.#store.get(key, signal));
  }

  due(query: DueQuery, signal?: AbortSignal): Promise<readonly AssetKey[]> {
    return this.#call('due', () => this.#store.due(query, signal));
  }

  async #call<T>(name: string, call: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    const fault = this.#fault;
    this.#fault = null;
    if (fault === 'is down') throw unavailable();
    const reply = await call();
    if (fault) throw unavailable();
    return reply;
  }
}

const unavailable = () => new ForgeError('STORE_UNAVAILABLE', 'transient', 'no answer');
