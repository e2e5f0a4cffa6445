import { describe, expect, it } from 'vitest';
import { thinEventOf } from '#app/thin-event.ts';
import { eventName } from '#domain/events.ts';
import {
  aClaimedAsset,
  aFailure,
  anAsset,
  anImageMetadata,
  aResult,
  KEY,
} from '../support/an-asset.ts';
import { FakeIds } from '../support/fake-ids.ts';
import { T0 } from '../support/fixed-clock.ts';

const ids = new FakeIds();
const result = aResult();
const failure = aFailure();

describe('the event of an ending', () => {
  it('tells of a result by its summary', () => {
    expect(thinEventOf(aClaimedAsset(), { result }, T0, ids)).toStrictEqual({
      eventId: ids.uuidOf(`acme/${KEY.assetId}/1/COMPLETED`),
      type: 'VideoProcessedEvent',
      occurredAt: '2026-01-02T03:04:05.000Z',
      status: 'COMPLETED',
      generation: 1,
      summary: {
        kind: 'video',
        container: 'mp4',
        durationSeconds: 10,
        width: 1080,
        height: 1920,
      },
    });
  });

  it('tells of a picture under the same type', () => {
    const ending = { result: aResult({ metadata: anImageMetadata() }) };
    expect(thinEventOf(anAsset(), ending, T0, ids)).toMatchObject({
      type: 'VideoProcessedEvent',
      summary: { kind: 'image', durationSeconds: null, width: 3000 },
    });
  });

  it('tells of a failure by its reason, and has no summary', () => {
    expect(thinEventOf(aClaimedAsset({ generation: 2 }), { failure }, T0 + 1, ids)).toStrictEqual({
      eventId: ids.uuidOf(`acme/${KEY.assetId}/2/FAILED`),
      type: 'VideoFailedEvent',
      occurredAt: '2026-01-02T03:04:05.001Z',
      status: 'FAILED',
      generation: 2,
      failure,
    });
  });

  it('has nothing in it that is undefined, which a store could not write', () => {
    for (const ending of [{ result }, { failure }]) {
      const event = thinEventOf(anAsset(), ending, T0, ids);
      expect(JSON.parse(JSON.stringify(event))).toStrictEqual(event);
    }
  });
});

describe('its id', () => {
  it('is the same whoever writes it, whenever, of whatever attempt', () => {
    const ofWorker = thinEventOf(aClaimedAsset({ attempts: 6 }), { failure }, T0, ids);
    const exhausted = aFailure({ code: 'RETRIES_EXHAUSTED' });
    const ofSweeper = thinEventOf(
      aClaimedAsset({ fencingToken: 9, rev: 30 }),
      { failure: exhausted },
      T0 + 9,
      new FakeIds(),
    );
    expect(ofSweeper.eventId).toBe(ofWorker.eventId);
    expect(ofWorker.eventId).toBe(ids.uuidOf(eventName(anAsset(), 'FAILED')));
  });

  it('is another for another asset, tenant, generation or status', () => {
    const assets = [
      anAsset(),
      anAsset({ generation: 2 }),
      anAsset({ tenant: 'globex' }),
      anAsset({ assetId: '018f0000-0000-7000-8000-00000000000b' }),
    ];
    const eventIds = assets.flatMap((asset) => [
      thinEventOf(asset, { result }, T0, ids).eventId,
      thinEventOf(asset, { failure }, T0, ids).eventId,
    ]);
    expect(new Set(eventIds).size).toBe(8);
  });
});
