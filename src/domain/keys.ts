import type { AssetKey } from './asset.ts';

/** Prefix of every source object; S3's event notification is filtered to it. */
export const UPLOADS_PREFIX = 'uploads/';

/** Prefix of everything made from a source. */
export const DERIVED_PREFIX = 'derived/';

/** Tenants are short and plain, so that they fit in keys, attributes and metrics unescaped. */
export const TENANT_PATTERN = /^[a-z0-9][a-z0-9_-]{0,62}$/;

const ASSET_ID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether the text is an asset id: a lower-case UUID. */
export function isAssetId(text: string): boolean {
  return ASSET_ID_PATTERN.test(text);
}

/** The object key of an asset's source. The client's file name is data and no part of it. */
export function sourceKey({ tenant, assetId }: AssetKey): string {
  return `${UPLOADS_PREFIX}${tenant}/${assetId}/source`;
}

/** The object key of a derivative; the fencing token in it keeps a stale worker off a winner's. */
export function derivedKey(key: AssetKey, fencingToken: number, name: string): string {
  return `${derivedPrefix(key)}${fencingToken}/${name}`;
}

/** What the keys of all that was made from an asset's source begin with, whoever made it. */
export function derivedPrefix({ tenant, assetId }: AssetKey): string {
  return `${DERIVED_PREFIX}${tenant}/${assetId}/`;
}

/** The fencing token in a key of {@link derivedKey}, or null where the key is none of those. */
export function derivedToken(key: string): number | null {
  const [root, , , token = '', ...name] = key.split('/');
  const isDerived = `${root}/` === DERIVED_PREFIX && /^[1-9]\d*$/.test(token) && name.length > 0;
  return isDerived ? Number(token) : null;
}

/** The asset a source key belongs to, or null where the key is none of ours. */
export function parseSourceKey(key: string): AssetKey | null {
  const [root, tenant = '', assetId = '', leaf, ...rest] = key.split('/');
  if (`${root}/` !== UPLOADS_PREFIX || leaf !== 'source' || rest.length > 0) return null;
  return TENANT_PATTERN.test(tenant) && isAssetId(assetId) ? { tenant, assetId } : null;
}

/** One text for both parts of an asset's key: lock names, cache keys, the worker's actors. */
export function assetName({ tenant, assetId }: AssetKey): string {
  return `${tenant}/${assetId}`;
}
