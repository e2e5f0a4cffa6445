import { describe, expect, it } from 'vitest';
import type { VideoTrack } from '#domain/metadata.ts';
import { diagnose } from '#domain/non-standard-input.ts';
import { aVideoTrack } from '../support/an-asset.ts';
import { AUDIO } from '../support/readers.ts';

const unusual: readonly (readonly [Partial<VideoTrack>, string, string])[] = [
  [{ codec: 'hevc' }, 'video_codec', 'hevc'],
  [{ keyFrameSeconds: 20.5 }, 'video_gop_size', '20.5 s'],
  [{ frameRate: 4.9 }, 'video_frame_rate', '4.9 Hz'],
  [{ frameRate: 120.5 }, 'video_frame_rate', '120.5 Hz'],
  [{ frameRateMode: 'variable' }, 'variable_frame_rate', 'variable'],
  [{ width: 3840, height: 2160 }, 'video_resolution', '3840x2160'],
  [{ width: 1080, height: 2049 }, 'video_resolution', '1080x2049'],
  [{ bitRate: 16_000_001 }, 'video_bitrate', '16000001 bit/s'],
  [{ pixelAspect: '16:15' }, 'pixel_aspect_ratio', '16:15'],
  [{ bitDepth: 10 }, 'unsupported_pixel_format', '4:2:0 10 bit'],
  [{ chromaSubsampling: '4:2:2', bitDepth: null }, 'unsupported_pixel_format', '4:2:2'],
  [{ scanType: 'interlaced' }, 'interlaced', 'interlaced'],
  [{ hdr: 'hlg' }, 'hdr', 'hlg'],
  [{ hasEdits: true }, 'video_edit_list', 'edits'],
];

describe('diagnose', () => {
  it('finds nothing about an ordinary file', () => {
    expect(diagnose([aVideoTrack()], [AUDIO])).toEqual([]);
  });

  it.each(unusual)('of %o tells %s: %s', (overrides, reason, value) => {
    expect(diagnose([aVideoTrack({ index: 3, ...overrides })], [])).toEqual([
      { reason, track: 3, value },
    ]);
  });

  it.each([
    { frameRate: 5 },
    { frameRate: 120 },
    { keyFrameSeconds: 20 },
    { width: 2048, height: 2048 },
    { bitRate: 16_000_000 },
    { pixelAspect: '1:1' },
  ])('has nothing against %o', (overrides) => {
    expect(diagnose([aVideoTrack(overrides)], [])).toEqual([]);
  });

  it('has nothing against what is not known', () => {
    const nothing = aVideoTrack({
      ...{ codec: null, keyFrameSeconds: null, frameRate: null, frameRateMode: null },
      ...{ bitRate: null, pixelAspect: null, bitDepth: null, chromaSubsampling: null },
      ...{ scanType: null, hdr: null, hasEdits: null },
    });
    expect(diagnose([nothing], [{ ...AUDIO, codec: null, hasEdits: null }])).toEqual([]);
  });

  it('tells of every track, pictures first', () => {
    const sound = { ...AUDIO, index: 2, codec: 'ac3', hasEdits: true };
    const found = diagnose([aVideoTrack({ index: 1, codec: 'vp9', hdr: 'pq' })], [AUDIO, sound]);
    expect(found).toEqual([
      { reason: 'video_codec', track: 1, value: 'vp9' },
      { reason: 'hdr', track: 1, value: 'pq' },
      { reason: 'audio_codec', track: 2, value: 'ac3' },
      { reason: 'audio_edit_list', track: 2, value: 'edits' },
    ]);
  });
});
