import type { Asset } from '#domain/asset.ts';
import type { EpochMs } from '#domain/time.ts';
import { traceIdOf } from '#domain/trace-context.ts';

const iso = (at: EpochMs): string => new Date(at).toISOString();

/** An asset as clients see it: times ISO 8601 UTC, sizes bytes, durations seconds, frame rates frames per second. */
export function assetView(asset: Asset) {
  const { result, failure, clientMetadata, completedAt } = asset;
  return {
    id: asset.assetId,
    status: asset.status,
    rev: asset.rev,
    fileName: asset.fileName,
    contentType: asset.contentType,
    size: asset.size,
    generation: asset.generation,
    attempts: asset.attempts,
    createdAt: iso(asset.createdAt),
    updatedAt: iso(asset.updatedAt),
    ...(completedAt !== undefined && { completedAt: iso(completedAt) }),
    ...(clientMetadata && { clientMetadata }),
    ...(result && {
      metadata: result.metadata,
      probe: result.probe,
      derivatives: result.derivatives,
      ...(result.checksum && { checksum: result.checksum }),
    }),
    ...(failure && { failure }),
    correlationId: asset.correlationId,
    traceId: traceIdOf(asset.traceparent),
    links: assetLinks(asset),
  };
}

/** What `GET /api/videos/:id` answers. */
export type AssetView = ReturnType<typeof assetView>;

/** Where an asset is found in the API. */
export function assetLinks({ assetId }: Pick<Asset, 'assetId'>) {
  return { self: `/api/videos/${assetId}` };
}
