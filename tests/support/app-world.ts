import { MemoryAssetStore } from '#adapters/memory/memory-asset-store.ts';
import { MemoryObjectStore } from '#adapters/memory/memory-object-store.ts';
import { MemoryStatusCache } from '#adapters/memory/memory-status-cache.ts';
import { ObjectSource } from '#adapters/probe/object-source.ts';
import { clientApp, workerApp } from '#app/app.ts';
import type { Claimed } from '#app/commands/claim-asset.ts';
import type { Asset } from '#domain/asset.ts';
import type { ProcessCommand } from '#domain/command.ts';
import { sourceKey } from '#domain/keys.ts';
import type { UploadRequest } from '#domain/upload-request.ts';
import type { MediaSource } from '#ports/media-source.ts';
import type { OutgoingMessage } from '#ports/queue.ts';
import type { Analysis, Strategy } from '#ports/strategy.ts';
import { aVideoMetadata, KEY, TRACEPARENT } from './an-asset.ts';
import { FakeIds } from './fake-ids.ts';
import { FixedClock } from './fixed-clock.ts';
import { LossyAssetStore } from './lossy-asset-store.ts';
import { RecordedLog } from './recorded-log.ts';

export const APP_LIMITS = {
  fileNameCharsMax: 255,
  uploadBytesMax: 1_000_000,
  clientMetadataBytesMax: 2048,
  uploadUrlExpirySeconds: 3600,
  uploadGraceSeconds: 600,
  leaseMs: 45_000,
  outboxDueMs: 30_000,
  cacheTtlMs: 2000,
  cacheTtlFinishedMs: 60_000,
  sweepDeferMs: 300_000,
};

/** The bytes every upload in this world has. */
export const BYTES = new TextEncoder().encode('no video, but bytes');

/** The wish to have {@link KEY} processed. */
export const COMMAND: ProcessCommand = { kind: 'process', ...KEY, generation: 1 };

/** A strategy that reads a few bytes, and finds what it is told to. */
class FakeStrategy implements Strategy {
  readonly kind = 'video';
  finds: () => Analysis | Promise<Analysis> = () => ({
    engine: 'fake',
    metadata: aVideoMetadata(),
    derivatives: [],
  });

  async analyse({ source }: { source: MediaSource }, signal: AbortSignal): Promise<Analysis> {
    signal.throwIfAborted();
    await source.read(0, 4, signal);
    return this.finds();
  }
}

/** Both halves of the application over memory twins, a clock that stands still, and a store whose line can break. */
export function appWorld() {
  const clock = new FixedClock();
  const ids = new FakeIds();
  const log = new RecordedLog();
  const assets = new LossyAssetStore(new MemoryAssetStore());
  const objects = new MemoryObjectStore({ clock });
  const cache = new MemoryStatusCache(clock, { entriesMax: 10 });
  const strategy = new FakeStrategy();
  const sent: OutgoingMessage[] = [];
  const queue = {
    async send(message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
      signal?.throwIfAborted();
      sent.push(message);
    },
  };
  const openSource = (key: string, pinned: { etag: string; size: number }): MediaSource =>
    new ObjectSource(objects, { key, ...pinned }, { requestsMax: 10, bytesMax: 10_000 });
  const deps = {
    assets,
    objects,
    queue,
    cache,
    clock,
    ids,
    log,
    openSource,
    select: () => strategy,
    limits: APP_LIMITS,
  };
  return {
    ...deps,
    sent,
    strategy,
    client: clientApp(deps),
    worker: workerApp(deps),

    /** What a client asks for, unless told otherwise. */
    init(request: Partial<UploadRequest> = {}) {
      const asked = { fileName: 'a.mp4', contentType: 'video/mp4', size: BYTES.length, ...request };
      return this.client.commands.initUpload({
        tenant: KEY.tenant,
        request: asked,
        correlationId: 'correlation-1',
        traceparent: TRACEPARENT,
      });
    },

    /** A row as it is, its bytes in place unless told otherwise. */
    async given(asset: Asset, bytes: Uint8Array | null = BYTES): Promise<Asset> {
      await assets.create(asset);
      if (bytes) await objects.put(sourceKey(asset), bytes, asset.contentType);
      assets.calls.length = 0;
      return asset;
    },

    /** The row as it is now. */
    async row(): Promise<Asset> {
      const row = await assets.get(KEY);
      if (!row) throw new Error('there is no row');
      return row;
    },

    /** The keys of every object there is. */
    async objectKeys(): Promise<string[]> {
      const keys: string[] = [];
      for await (const key of objects.list('')) keys.push(key);
      return keys;
    },

    /** A claim that is granted. */
    async claimed(command = COMMAND, claimId = 'claim-1'): Promise<Claimed> {
      const claim = await this.worker.commands.claimAsset(command, { claimId, takeOver: true });
      if (claim.kind !== 'claimed') throw new Error(`the claim is ${claim.kind}`);
      return claim;
    },
  };
}
