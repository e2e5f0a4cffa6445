import { verifyChecksum } from '#app/verify-checksum.ts';
import type { AssetResult } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import { sourceKey } from '#domain/keys.ts';
import { type MediaType, mediaTypeOf } from '#domain/media-types.ts';
import type { Clock } from '#ports/clock.ts';
import type { MediaSource } from '#ports/media-source.ts';
import type { ObjectHead } from '#ports/object-store.ts';
import type { Strategy } from '#ports/strategy.ts';
import type { Claimed } from './claim-asset.ts';
import type { DeriveFiles } from './derive-files.ts';

export interface AnalyseSourceDeps {
  readonly openSource: (key: string, head: ObjectHead) => MediaSource;
  /** Null where no strategy reads the kind. */
  readonly select: (mediaType: MediaType) => Strategy | null;
  readonly clock: Clock;
  /** Reads all bytes for their SHA-256, Base64; where it is absent, what nobody knows stays `unverified`. */
  readonly digest?: ((source: MediaSource, signal: AbortSignal) => Promise<string>) | undefined;
  /** Makes what is made of a file; nothing where it is absent. */
  readonly derive?: DeriveFiles | undefined;
}

export type AnalyseSource = (claimed: Claimed, signal: AbortSignal) => Promise<AssetResult>;

/**
 * Finds out what the bytes of a claimed asset are, by the strategy of its media type, and has made of them what can be.
 * Checksum and derivatives read sources of their own: they are no part of what the probe cost.
 *
 * @throws ForgeError a media code (permanent) where the bytes are to blame; transient where they are not.
 */
export function analyseSource(deps: AnalyseSourceDeps): AnalyseSource {
  const { openSource, select, clock, digest, derive } = deps;
  return async (claimed, signal) => {
    const { asset } = claimed;
    const head = checkObject(claimed);
    const mediaType = mediaTypeOf(asset.contentType);
    const strategy = mediaType && select(mediaType);
    if (!strategy) {
      throw new ForgeError(
        'UNKNOWN_MEDIA_TYPE',
        'permanent',
        `no strategy reads ${asset.contentType}`,
      );
    }
    const open = (): MediaSource => openSource(sourceKey(asset), head);
    const checksum = await verifyChecksum(asset, head, digest && (() => digest(open(), signal)));
    const startedAt = clock.now();
    const source = open();
    const analysis = await strategy.analyse({ asset, mediaType, source }, signal);
    const { engine, metadata, derivatives } = analysis;
    const { requests, bytes } = source.cost;
    const ms = clock.now() - startedAt;
    const made = await derive?.({ asset, metadata, source: open() }, signal);
    return {
      metadata,
      derivatives: [...derivatives, ...(made ?? [])],
      probe: { engine, bytesRead: bytes, requests, ms },
      ...(checksum && { checksum }),
    };
  };
}

/** What HEAD said has to be what the row says, before a byte is read. */
function checkObject({ asset, head }: Claimed): ObjectHead {
  const refuse = (code: ConstructorParameters<typeof ForgeError>[0], detail: string): never => {
    throw new ForgeError(code, 'permanent', detail);
  };
  if (head === null) return refuse('SOURCE_GONE', 'the object is gone');
  if (head.etag !== asset.sourceEtag) {
    return refuse('SOURCE_CHANGED', 'the object is another one than the first attempt saw');
  }
  if (head.size === 0) return refuse('EMPTY_OBJECT', 'the object has no bytes');
  if (asset.size !== null && asset.size !== head.size) {
    return refuse(
      'SIZE_MISMATCH',
      `the object has ${head.size} bytes, ${asset.size} were declared`,
    );
  }
  return head;
}
