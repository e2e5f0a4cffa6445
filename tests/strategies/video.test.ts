import { describe, expect, it } from 'vitest';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { MediabunnyProbe } from '#adapters/probe/mediabunny-probe.ts';
import { VideoStrategy } from '#strategies/video.ts';
import { strategyContract } from '../contracts/strategy.contract.ts';
import { mediaFile } from '../support/file-source.ts';
import { AUDIO, declared, finds, sniffs, VIDEO } from '../support/readers.ts';

const signal = new AbortController().signal;

strategyContract('VideoStrategy', 'video', (readers) => new VideoStrategy(readers));

describe('VideoStrategy', () => {
  it('tells what the probe found, as metadata', async () => {
    const strategy = new VideoStrategy({ sniffer: sniffs('mp4'), probe: finds({}) });
    expect(await strategy.analyse(declared('video/mp4'), signal)).toEqual({
      engine: 'stub',
      metadata: {
        kind: 'video',
        metadataVersion: 2,
        container: 'mp4',
        mimeType: 'video/mp4',
        size: 1000,
        durationSeconds: 10,
        durationSource: 'container',
        bitRate: 800,
        videoTracks: [VIDEO],
        audioTracks: [AUDIO],
        subtitleTracks: [{ index: 2, codec: 'mov_text', language: 'eng' }],
        chapterCount: 3,
        hasCover: false,
        nonStandardInput: [],
        tags: { title: 'T' },
        strategy: 'video',
        strategyVersion: 2,
      },
      derivatives: [],
    });
  });

  it('takes a silent film, but no film without pictures', async () => {
    const of = (report: Parameters<typeof finds>[0]) =>
      new VideoStrategy({ sniffer: sniffs('mp4'), probe: finds(report) });
    await expect(
      of({ audioTracks: [] }).analyse(declared('video/mp4'), signal),
    ).resolves.toBeDefined();
    await expect(
      of({ videoTracks: [] }).analyse(declared('video/mp4'), signal),
    ).rejects.toMatchObject({
      code: 'NO_VIDEO_STREAM',
      kind: 'permanent',
    });
  });

  describe('on real files', () => {
    const real = new VideoStrategy({
      sniffer: new FileTypeSniffer(),
      probe: new MediabunnyProbe(),
    });
    const outcome = async (type: string, name: string): Promise<unknown> => {
      const error = await real.analyse(declared(type, mediaFile(name)), signal).catch((e) => e);
      return error.code ?? error.metadata.container;
    };

    it.each([
      ['video/mp4', 'clip.mp4', 'mp4'],
      ['video/quicktime', 'h264.mov', 'mov'],
      ['video/webm', 'clip.webm', 'webm'],
      ['video/x-matroska', 'h264.mkv', 'matroska'],
      ['video/mp2t', 'h264.mpegts', 'mpegts'],
      ['video/mp4', 'fragmented.mp4', 'mp4'],
      ['video/mp4', 'portrait.jpg', 'TYPE_MISMATCH'],
      ['video/mp4', 'clip.webm', 'TYPE_MISMATCH'],
      ['video/webm', 'clip.mp4', 'TYPE_MISMATCH'],
      ['video/mp4', 'text.mp4', 'UNSUPPORTED_CONTAINER'],
      ['video/mp4', 'no-index.mp4', 'CORRUPT_MEDIA'],
      ['video/mp4', 'truncated-faststart.mp4', 'CORRUPT_MEDIA'],
      ['video/mp4', 'tone.m4a', 'NO_VIDEO_STREAM'],
    ])('declared as %s, %s is %s', async (type, name, expected) => {
      expect(await outcome(type, name)).toBe(expected);
    });
  });
});
