import type { AssetKey } from './asset.ts';

/**
 * The wish to have an asset's source processed, wherever it came from: S3's event, a retry, the sweeper. Idempotent: it
 * means one generation, and a generation that has ended stays as it is.
 */
export interface ProcessCommand extends AssetKey {
  readonly kind: 'process';
  readonly generation: number;
  /** ETag of the object as S3's event told it. A command of ours has none. */
  readonly etag?: string;
}
