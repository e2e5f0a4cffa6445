import type { Asset, AssetKey } from '#domain/asset.ts';
import { assetName } from '#domain/keys.ts';
import type { EpochMs } from '#domain/time.ts';
import type { Clock } from '#ports/clock.ts';
import type { StatusCache } from '#ports/status-cache.ts';

interface Entry {
  readonly rev: number;
  readonly expiresAt: EpochMs;
  /** As JSON text, so that what is read is a copy. */
  readonly row: string;
}

/** Copies of rows within one process; where there are too many, the one put longest ago goes first. */
export class MemoryStatusCache implements StatusCache {
  readonly #clock: Clock;
  readonly #entriesMax: number;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, options: { readonly entriesMax: number }) {
    this.#clock = clock;
    this.#entriesMax = options.entriesMax;
  }

  async get(key: AssetKey): Promise<Asset | null> {
    const entry = this.#live(assetName(key));
    return entry === undefined ? null : JSON.parse(entry.row);
  }

  async put(asset: Asset, ttlMs: number): Promise<void> {
    const name = assetName(asset);
    const { rev } = asset;
    if ((this.#live(name)?.rev ?? 0) > rev) return;
    this.#entries.delete(name);
    this.#entries.set(name, {
      rev,
      expiresAt: this.#clock.now() + ttlMs,
      row: JSON.stringify(asset),
    });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax) break;
      this.#entries.delete(oldest);
    }
  }

  #live(name: string): Entry | undefined {
    const entry = this.#entries.get(name);
    if (entry !== undefined && entry.expiresAt <= this.#clock.now()) {
      this.#entries.delete(name);
      return undefined;
    }
    return entry;
  }
}
