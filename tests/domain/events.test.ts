import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_SCHEMA_VERSION, eventName, summarise, toAssetEvent } from '#domain/events.ts';
import type { AudioMetadata } from '#domain/metadata.ts';
import {
  aCompletedAsset,
  aFailure,
  anImageMetadata,
  aThinEvent,
  aVideoMetadata,
  aVideoTrack,
  KEY,
} from '../support/an-asset.ts';

describe('the name of an event', () => {
  const ends = fc.record({
    tenant: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/),
    assetId: fc.uuid(),
    generation: fc.integer({ min: 1, max: 99 }),
    status: fc.constantFrom('COMPLETED' as const, 'FAILED' as const),
  });

  it('is one for each end of a generation', () => {
    fc.assert(
      fc.property(ends, ends, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(eventName(a, a.status) === eventName(b, b.status)).toBe(same);
      }),
    );
  });

  it('never changes, because ids that are out there derive from it', () => {
    expect(eventName({ ...KEY, generation: 2 }, 'FAILED')).toBe(`acme/${KEY.assetId}/2/FAILED`);
  });
});

describe('an event', () => {
  it('is the part that waited in the row, and the facts of the asset', () => {
    const asset = aCompletedAsset({ generation: 2, fileName: 'Ü 🎬.mp4' });
    const thin = aThinEvent({ generation: 2, summary: summarise(aVideoMetadata()) });
    expect(toAssetEvent(asset, thin)).toStrictEqual({
      eventId: 'event-1',
      type: 'VideoProcessedEvent',
      schemaVersion: 1,
      occurredAt: '2026-01-02T03:04:05.000Z',
      tenant: 'acme',
      assetId: KEY.assetId,
      generation: 2,
      status: 'COMPLETED',
      fileName: 'Ü 🎬.mp4',
      contentType: 'video/mp4',
      size: 1000,
      summary: {
        kind: 'video',
        container: 'mp4',
        durationSeconds: 10,
        width: 1080,
        height: 1920,
      },
      correlationId: 'correlation-1',
    });
  });

  it('tells of a failure instead of a summary', () => {
    const failure = aFailure();
    const thin = aThinEvent({ type: 'VideoFailedEvent', status: 'FAILED', failure });
    const event = toAssetEvent(aCompletedAsset({ status: 'FAILED' }), thin);
    expect(event).toMatchObject({ type: 'VideoFailedEvent', status: 'FAILED', failure });
    expect(event).not.toHaveProperty('summary');
  });

  it('shows nothing of the row that is not the subscribers’ business', () => {
    const event = toAssetEvent(aCompletedAsset({ clientMetadata: { secret: '1' } }), aThinEvent());
    for (const inside of ['clientMetadata', 'claimId', 'fencingToken', 'traceparent', 'history']) {
      expect(event).not.toHaveProperty(inside);
    }
  });

  it('says which version of its shape it has', () => {
    expect(EVENT_SCHEMA_VERSION).toBe(1);
  });
});

describe('a summary', () => {
  it('has the displayed size of the first picture of a video', () => {
    const videoTracks = [aVideoTrack({ displayWidth: 640, displayHeight: 360 }), aVideoTrack()];
    expect(summarise(aVideoMetadata({ videoTracks }))).toMatchObject({ width: 640, height: 360 });
  });

  it('leaves unknown what is unknown', () => {
    const metadata = aVideoMetadata({ videoTracks: [], durationSeconds: null });
    expect(summarise(metadata)).toStrictEqual({
      kind: 'video',
      container: 'mp4',
      durationSeconds: null,
      width: null,
      height: null,
    });
  });

  it('has the upright size of an image, and no duration', () => {
    expect(summarise(anImageMetadata())).toStrictEqual({
      kind: 'image',
      container: 'jpeg',
      durationSeconds: null,
      width: 3000,
      height: 4000,
    });
  });

  it('has no size for audio, cover or not', () => {
    const audio: AudioMetadata = {
      ...aVideoMetadata({ container: 'mp3', mimeType: 'audio/mpeg', videoTracks: [] }),
      kind: 'audio',
      hasCover: true,
    };
    expect(summarise(audio)).toStrictEqual({
      kind: 'audio',
      container: 'mp3',
      durationSeconds: 10,
      width: null,
      height: null,
    });
  });
});
