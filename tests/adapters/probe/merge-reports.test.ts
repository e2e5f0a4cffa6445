import { describe, expect, it } from 'vitest';
import { mergeReports } from '#adapters/probe/merge-reports.ts';
import { UNTOLD_VIDEO } from '#adapters/probe/track-truth.ts';
import type { ProbeReport } from '#ports/media-probe.ts';
import { aVideoTrack } from '../../support/an-asset.ts';
import { AUDIO } from '../../support/readers.ts';

const silent = aVideoTrack(UNTOLD_VIDEO);
const sound = { ...AUDIO, profile: null, channelLayout: null };

const report = (overrides: Partial<ProbeReport> = {}): ProbeReport => ({
  engine: 'one',
  container: 'mp4',
  durationSeconds: 10,
  durationSource: 'container',
  videoTracks: [silent],
  audioTracks: [sound],
  subtitleTracks: null,
  chapterCount: null,
  hasCover: false,
  tags: {},
  ...overrides,
});

const other = (overrides: Partial<ProbeReport> = {}): ProbeReport =>
  report({
    engine: 'other',
    durationSeconds: 5,
    videoTracks: [aVideoTrack({ frameCount: 1, frameRate: 7, bitRate: 3, language: 'eng' })],
    audioTracks: [{ ...AUDIO, bitRate: 1 }],
    subtitleTracks: [{ index: 2, codec: 'ass', language: null }],
    chapterCount: 4,
    hasCover: true,
    tags: { title: 'T' },
    ...overrides,
  });

describe('mergeReports', () => {
  it('takes from the second what the first is silent on, and names both', () => {
    const merged = mergeReports(report(), other());
    expect(merged).toEqual({
      ...report(),
      engine: 'one+other',
      // How frames are coded is added, how many there are is not.
      videoTracks: [aVideoTrack({ keyFrameSeconds: null, hasEdits: null, frameRateMode: null })],
      audioTracks: [AUDIO],
      subtitleTracks: [{ index: 2, codec: 'ass', language: null }],
      chapterCount: 4,
    });
  });

  it('lets stand what the first says', () => {
    const first = report({
      videoTracks: [aVideoTrack({ profile: 'Main', frameRateMode: 'variable' })],
      subtitleTracks: [],
      chapterCount: 0,
    });
    expect(mergeReports(first, other())).toEqual({
      ...first,
      engine: 'one+other',
      audioTracks: [AUDIO],
    });
  });

  it.each([
    ['another codec', [aVideoTrack({ codec: 'vp9' })]],
    ['another width', [aVideoTrack({ width: 1 })]],
    ['another height', [aVideoTrack({ height: 1 })]],
    ['another number of tracks', [aVideoTrack(), aVideoTrack()]],
  ])('adds nothing to pictures where the second found %s', (_, videoTracks) => {
    expect(mergeReports(report(), other({ videoTracks })).videoTracks).toEqual([silent]);
  });

  it.each([
    ['another codec', [{ ...AUDIO, codec: 'mp3' }]],
    ['other channels', [{ ...AUDIO, channels: 6 }]],
    ['no tracks', []],
  ])('adds nothing to sound where the second found %s', (_, audioTracks) => {
    expect(mergeReports(report(), other({ audioTracks })).audioTracks).toEqual([sound]);
  });

  it('takes a codec that one of them cannot name for no contradiction', () => {
    const videoTracks = [aVideoTrack({ codec: null })];
    const merged = mergeReports(report(), other({ videoTracks }));
    expect(merged.videoTracks).toMatchObject([{ codec: 'h264', profile: 'High' }]);
  });

  it('takes the name of a codec, its channels and its rate, where the container does not tell them', () => {
    const untold = { ...sound, codec: null, channels: null, sampleRate: null };
    const first = report({
      videoTracks: [{ ...silent, codec: null }],
      audioTracks: [untold],
    });
    const merged = mergeReports(first, other());
    expect(merged.videoTracks).toMatchObject([{ codec: 'h264' }]);
    expect(merged.audioTracks).toEqual([AUDIO]);
  });
});
