import { describe, expect, it } from 'vitest';
import { correct, countContainer } from '#adapters/probe/container-counts.ts';
import { UNTOLD_VIDEO } from '#adapters/probe/track-truth.ts';
import { aVideoTrack } from '../../support/an-asset.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';
import { AUDIO } from '../../support/readers.ts';

const signal = new AbortController().signal;

const guessed = {
  engine: 'mediainfo',
  container: 'avi',
  durationSeconds: 9,
  durationSource: 'container',
  videoTracks: [aVideoTrack({ ...UNTOLD_VIDEO, frameRate: 50, frameCount: null, bitRate: null })],
  audioTracks: [{ ...AUDIO, bitRate: 7 }],
  subtitleTracks: [],
  chapterCount: 0,
  hasCover: false,
  tags: {},
} as const;

describe('correct', () => {
  it('puts what was counted in place of what was guessed', () => {
    const video = {
      kind: 'video',
      frameRate: 25,
      frameCount: 3,
      frameRateMode: 'constant',
    } as const;
    const report = correct(guessed, {
      streams: [{ kind: 'audio' }, { ...video, bitRate: 1000.4 }],
      duration: { durationSeconds: 1, durationSource: 'stream' },
    });
    expect(report).toMatchObject({
      ...{ durationSeconds: 1, durationSource: 'stream', audioTracks: [{ bitRate: 7 }] },
      videoTracks: [{ frameRate: 25, frameCount: 3, frameRateMode: 'constant', bitRate: 1000 }],
    });
  });

  it('keeps the rate of the header where the frames have several', () => {
    const streams = [{ kind: 'video', frameRate: 17, frameRateMode: 'variable' }] as const;
    expect(correct(guessed, { streams }).videoTracks).toMatchObject([
      { frameRate: 50, frameRateMode: 'variable' },
    ]);
  });

  it('takes nothing of streams that do not match the tracks', () => {
    const streams = [{ kind: 'video', frameCount: 3 }, { kind: 'video' }] as const;
    expect(correct(guessed, { streams }).videoTracks).toEqual(guessed.videoTracks);
    expect(correct(guessed, null)).toBe(guessed);
  });
});

describe('countContainer', () => {
  it('believes the header of an FLV that agrees with its last tag, and else the tag', async () => {
    const counts = await countContainer(mediaFile('h264.flv'), 'flv', signal);
    expect(counts?.duration?.durationSource).toBe('container');
    const bytes = mediaBytes('h264.flv');
    const at = Buffer.from(bytes).indexOf('duration') + 'duration'.length + 1;
    new DataView(bytes.buffer, bytes.byteOffset).setFloat64(at, 1000);
    const corrected = await countContainer(new FileSource(bytes), 'flv', signal);
    expect(corrected?.duration?.durationSource).toBe('stream');
    expect(corrected?.duration?.durationSeconds).toBeLessThan(60);
  });

  it('counts nothing in a container whose engine counts', async () => {
    expect(await countContainer(mediaFile('clip.mp4'), 'mp4', signal)).toBeNull();
  });
});
