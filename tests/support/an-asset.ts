import type { Asset, AssetResult, Failure } from '#domain/asset.ts';
import type { ThinEvent } from '#domain/events.ts';
import {
  type ImageMetadata,
  METADATA_VERSION,
  type VideoMetadata,
  type VideoTrack,
} from '#domain/metadata.ts';
import { T0 } from './fixed-clock.ts';

/** The tenant and id of every asset that a test does not name otherwise. */
export const KEY = { tenant: 'acme', assetId: '018f0000-0000-7000-8000-00000000000a' } as const;

/** A `traceparent` of a sampled request. */
export const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** A row as `init` writes it: an announced MP4 of 1000 bytes. */
export function anAsset(overrides: Partial<Asset> = {}): Asset {
  return {
    ...KEY,
    status: 'PENDING',
    generation: 1,
    rev: 1,
    fencingToken: 0,
    attempts: 0,
    fileName: 'holiday.mp4',
    contentType: 'video/mp4',
    size: 1000,
    correlationId: 'correlation-1',
    traceparent: TRACEPARENT,
    createdAt: T0,
    updatedAt: T0,
    uploadExpiresAt: T0 + 3_600_000,
    dueAt: T0 + 7_200_000,
    history: [{ at: T0, step: 'init', status: 'PENDING', generation: 1 }],
    ...overrides,
  };
}

/** A row in a worker's hands: claimed once, its lease good for 45 s. */
export function aClaimedAsset(overrides: Partial<Asset> = {}): Asset {
  return anAsset({
    status: 'PROCESSING',
    rev: 2,
    fencingToken: 1,
    attempts: 1,
    claimId: 'claim-1',
    sourceEtag: '"etag-1"',
    leaseUntil: T0 + 45_000,
    dueAt: T0 + 45_000,
    ...overrides,
  });
}

/** A finished row whose event waits to be published. */
export function aCompletedAsset(overrides: Partial<Asset> = {}): Asset {
  const { leaseUntil: _, ...claimed } = aClaimedAsset();
  return {
    ...claimed,
    status: 'COMPLETED',
    rev: 3,
    completedAt: T0,
    dueAt: T0 + 30_000,
    result: aResult(),
    eventId: aThinEvent().eventId,
    event: aThinEvent(),
    ...overrides,
  };
}

/** What waits in {@link aCompletedAsset}. */
export function aThinEvent(overrides: Partial<ThinEvent> = {}): ThinEvent {
  return {
    eventId: 'event-1',
    type: 'VideoProcessedEvent',
    occurredAt: '2026-01-02T03:04:05.000Z',
    status: 'COMPLETED',
    generation: 1,
    ...overrides,
  };
}

/** A phone's video track: coded lying down, shown upright. */
export function aVideoTrack(overrides: Partial<VideoTrack> = {}): VideoTrack {
  return {
    index: 0,
    codec: 'h264',
    codecString: 'avc1.64001f',
    width: 1920,
    height: 1080,
    displayWidth: 1080,
    displayHeight: 1920,
    rotation: 90,
    pixelAspect: null,
    frameRate: 30,
    frameCount: 300,
    frameRateMode: 'constant',
    profile: 'High',
    level: '3.1',
    scanType: 'progressive',
    bitDepth: 8,
    chromaSubsampling: '4:2:0',
    colourPrimaries: 'bt709',
    colourTransfer: 'bt709',
    colourMatrix: 'bt709',
    colourRange: 'tv',
    hdr: 'sdr',
    keyFrameSeconds: 2,
    hasEdits: false,
    bitRate: 1_000_000,
    durationSeconds: 10,
    language: null,
    ...overrides,
  };
}

/** What a strategy says of {@link anAsset}'s bytes. */
export function aVideoMetadata(overrides: Partial<VideoMetadata> = {}): VideoMetadata {
  return {
    kind: 'video',
    metadataVersion: METADATA_VERSION,
    container: 'mp4',
    mimeType: 'video/mp4',
    size: 1000,
    strategy: 'video',
    strategyVersion: 1,
    durationSeconds: 10,
    durationSource: 'container',
    bitRate: 800,
    videoTracks: [aVideoTrack()],
    audioTracks: [],
    subtitleTracks: [],
    chapterCount: 0,
    hasCover: false,
    nonStandardInput: [],
    tags: {},
    ...overrides,
  };
}

/** A picture taken with the phone held upright. */
export function anImageMetadata(): ImageMetadata {
  return {
    kind: 'image',
    metadataVersion: METADATA_VERSION,
    container: 'jpeg',
    mimeType: 'image/jpeg',
    size: 1000,
    strategy: 'image',
    strategyVersion: 1,
    image: {
      format: 'jpeg',
      width: 4000,
      height: 3000,
      displayWidth: 3000,
      displayHeight: 4000,
      orientation: 6,
      pages: 1,
      hasAlpha: false,
      colourSpace: 'srgb',
      bitDepth: 8,
      camera: null,
      capturedAt: null,
      gps: null,
    },
  };
}

/** The result of a strategy's work on {@link anAsset}. */
export function aResult(overrides: Partial<AssetResult> = {}): AssetResult {
  return {
    metadata: aVideoMetadata(),
    probe: { engine: 'fake', bytesRead: 512, requests: 1, ms: 5 },
    derivatives: [],
    ...overrides,
  };
}

/** Bytes that are to blame. */
export function aFailure(overrides: Partial<Failure> = {}): Failure {
  return {
    code: 'CORRUPT_MEDIA',
    detail: 'the index is cut off',
    stage: 'analyse',
    retryable: false,
    ...overrides,
  };
}
