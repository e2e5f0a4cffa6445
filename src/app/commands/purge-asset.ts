import type { Asset } from '#domain/asset.ts';
import { derivedPrefix, sourceKey } from '#domain/keys.ts';
import { bury, purge } from '#domain/lifecycle.ts';
import type { EpochMs } from '#domain/time.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { ObjectStore } from '#ports/object-store.ts';

export interface PurgeAssetDeps {
  readonly assets: AssetStore;
  readonly objects: ObjectStore;
}

/** `refused`: the row had moved on: it was restored, or another has buried it. */
export type Purged = 'purged' | 'refused';

/**
 * Removes a deleted asset for good: first the point of no return in the row, then every object, last the tombstone. One
 * that was left in between, because its sweeper died, is gone on with.
 *
 * @param row As it was read: deleted, and due at `at`.
 * @throws ForgeError transient: the row stays due, so the next sweep goes on.
 */
export async function purgeAsset(
  { assets, objects }: PurgeAssetDeps,
  row: Asset,
  at: EpochMs,
  signal?: AbortSignal,
): Promise<Purged> {
  const begun =
    row.purgingAt !== undefined || (await assets.write(row, purge(row, { at }), signal)).applied;
  if (!begun) return 'refused';
  await objects.remove(sourceKey(row), signal);
  for await (const key of objects.list(derivedPrefix(row), signal)) {
    await objects.remove(key, signal);
  }
  const { applied } = await assets.write(row, bury(row, { at }), signal);
  return applied ? 'purged' : 'refused';
}
