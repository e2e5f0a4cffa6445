import type { Asset } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { sourceKey } from '#domain/keys.ts';
import { checkUpload, type UploadBounds, type UploadRequest } from '#domain/upload-request.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { Ids } from '#ports/ids.ts';
import type { Log } from '#ports/log.ts';
import type { ObjectStore, PresignedRequest } from '#ports/object-store.ts';

/** Who asks for an upload, of what, and in which trace. */
export interface InitUploadInput {
  readonly tenant: string;
  readonly request: UploadRequest;
  readonly correlationId: string;
  readonly traceparent: string;
}

/** The new asset, and how to send its bytes. */
export interface InitiatedUpload {
  readonly asset: Asset;
  readonly upload: PresignedRequest;
}

export interface InitUploadDeps {
  readonly assets: AssetStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly limits: UploadBounds & {
    readonly uploadUrlExpirySeconds: number;
    readonly uploadGraceSeconds: number;
  };
}

export type InitUpload = (input: InitUploadInput, signal?: AbortSignal) => Promise<InitiatedUpload>;

/**
 * Opens an upload: a `PENDING` row, and a presigned PUT that binds what the row says.
 *
 * @throws ForgeError what `checkUpload` throws, before anything is written; `STORE_UNAVAILABLE` (transient).
 */
export function initUpload({
  assets,
  objects,
  clock,
  ids,
  log,
  limits,
}: InitUploadDeps): InitUpload {
  return async ({ tenant, request, correlationId, traceparent }, signal) => {
    const { type } = checkUpload(request, limits);
    const key = { tenant, assetId: ids.uuid() };
    const upload = await objects.presignPut({
      key: sourceKey(key),
      contentType: type,
      size: request.size,
      checksumSha256: request.checksumSha256,
      expiresSeconds: limits.uploadUrlExpirySeconds,
    });
    const at = clock.now();
    const asset: Asset = {
      ...key,
      status: 'PENDING',
      generation: 1,
      rev: 1,
      fencingToken: 0,
      attempts: 0,
      fileName: request.fileName,
      contentType: type,
      size: request.size,
      ...(request.checksumSha256 && { checksumSha256: request.checksumSha256 }),
      ...(request.metadata && { clientMetadata: request.metadata }),
      correlationId,
      traceparent,
      createdAt: at,
      updatedAt: at,
      uploadExpiresAt: upload.expiresAt,
      dueAt: upload.expiresAt + limits.uploadGraceSeconds * 1000,
      history: [{ at, step: 'init', status: 'PENDING', generation: 1 }],
    };
    if (!(await assets.create(asset, signal))) await expectMine(assets, asset, signal);
    log.info({ ...key, correlationId, contentType: type, size: request.size }, 'upload initiated');
    return { asset, upload };
  };
}

/** A taken id is ours after all when the reply of the first try was lost: the trace context is unique to the request. */
async function expectMine(assets: AssetStore, asset: Asset, signal?: AbortSignal): Promise<void> {
  const row = await assets.get(asset, signal);
  if (row?.traceparent === asset.traceparent) return;
  throw new ForgeError('ASSET_EXISTS', 'conflict', `asset ${asset.assetId} exists already`);
}
