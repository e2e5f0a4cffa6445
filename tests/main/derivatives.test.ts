import { describe, expect, it } from 'vitest';
import { WeightedLine } from '#adapters/image/weighted-line.ts';
import { MemoryObjectStore } from '#adapters/memory/memory-object-store.ts';
import { readEnv } from '#config/env.ts';
import { wireDerivatives } from '#main/derivatives.ts';
import { anAsset } from '../support/an-asset.ts';
import { audioOf, imageOf, videoOf } from '../support/derivable.ts';
import { FileSource, mediaBytes } from '../support/file-source.ts';
import { RecordedLog } from '../support/recorded-log.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

const { signal } = new AbortController();
const NO_FFMPEG = { FFMPEG_PATH: '/nonexistent/ffmpeg' };

function wired(variables: Record<string, string>) {
  const ports = {
    objects: new MemoryObjectStore(),
    log: new RecordedLog(),
    metrics: new RecordedMetrics(),
  };
  return { ...ports, derive: wireDerivatives(ports, readEnv(variables), new WeightedLine(1)) };
}

const asset = anAsset({ attempts: 1, fencingToken: 1 });

describe('the wired derivatives', () => {
  it('are made of an image, at the widths that are asked for', async () => {
    const { derive } = wired({ ...NO_FFMPEG, THUMBNAIL_WIDTHS: '64,16,4000' });
    const source = new FileSource(mediaBytes('portrait.jpg'));
    const made = await derive?.({ asset, metadata: imageOf(480, 640), source }, signal);
    expect(made?.map(({ name, status }) => [name, status])).toEqual([
      ['thumbnail-16', 'ready'],
      ['thumbnail-64', 'ready'],
      ['thumbhash', 'ready'],
    ]);
  });

  it('are unavailable, each by its name, where there is no ffmpeg', async () => {
    const { derive, log } = wired(NO_FFMPEG);
    const reason = 'there is no ffmpeg to run';
    const unavailable = (name: string) => ({ name, status: 'unavailable', reason });
    const of = (metadata: Parameters<NonNullable<typeof derive>>[0]['metadata']) =>
      derive?.({ asset, metadata, source: new FileSource(mediaBytes('rotated.mp4')) }, signal);
    expect(await of(videoOf(1, 64, 96))).toEqual([
      unavailable('poster'),
      unavailable('storyboard'),
    ]);
    expect(await of(audioOf({ hasCover: true }))).toEqual([
      unavailable('waveform'),
      unavailable('cover'),
      unavailable('loudness'),
    ]);
    expect(log.lines).toContainEqual({
      level: 'warn',
      message: 'tool cannot be used',
      fields: { tool: 'ffmpeg', reason },
    });
  });

  it('are those that are asked for', async () => {
    const { derive } = wired({ ...NO_FFMPEG, DERIVATIVES: 'thumbhash, waveform' });
    const source = new FileSource(mediaBytes('portrait.jpg'));
    expect(await derive?.({ asset, metadata: imageOf(480, 640), source }, signal)).toMatchObject([
      { name: 'thumbhash', status: 'ready' },
    ]);
    expect(await derive?.({ asset, metadata: videoOf(1, 64, 96), source }, signal)).toEqual([]);
  });

  it('can be none, and none that nobody knows', () => {
    expect(wired({ DERIVATIVES: 'none' }).derive).toBeUndefined();
    expect(() => wired({ DERIVATIVES: 'poster,hologram' })).toThrow(
      /DERIVATIVES has to be of thumbnails, .*, none, not 'hologram'/,
    );
  });
});
