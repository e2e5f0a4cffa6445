import { describe, expect, it } from 'vitest';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { MediabunnyProbe } from '#adapters/probe/mediabunny-probe.ts';
import { AudioStrategy } from '#strategies/audio.ts';
import { strategyContract } from '../contracts/strategy.contract.ts';
import { mediaFile } from '../support/file-source.ts';
import { AUDIO, declared, finds, sniffs, VIDEO } from '../support/readers.ts';

const signal = new AbortController().signal;

strategyContract('AudioStrategy', 'audio', (readers) => new AudioStrategy(readers));

describe('AudioStrategy', () => {
  it('tells what the probe found, as metadata', async () => {
    const probe = finds({ container: 'mp3', videoTracks: [], hasCover: true });
    const strategy = new AudioStrategy({ sniffer: sniffs('mp3'), probe });
    expect(await strategy.analyse(declared('audio/mpeg'), signal)).toEqual({
      engine: 'stub',
      metadata: {
        kind: 'audio',
        metadataVersion: 2,
        container: 'mp3',
        mimeType: 'audio/mpeg',
        size: 1000,
        durationSeconds: 10,
        durationSource: 'container',
        bitRate: 800,
        videoTracks: [],
        audioTracks: [AUDIO],
        subtitleTracks: [{ index: 2, codec: 'mov_text', language: 'eng' }],
        chapterCount: 3,
        hasCover: true,
        nonStandardInput: [],
        tags: { title: 'T' },
        strategy: 'audio',
        strategyVersion: 2,
      },
      derivatives: [],
    });
  });

  it('takes no sound without sound', async () => {
    const probe = finds({ videoTracks: [VIDEO], audioTracks: [] });
    const strategy = new AudioStrategy({ sniffer: sniffs('mp4'), probe });
    await expect(strategy.analyse(declared('audio/mp4'), signal)).rejects.toMatchObject({
      code: 'NO_AUDIO_STREAM',
      kind: 'permanent',
    });
  });

  it.each([
    ['audio/mpeg', 'tone.mp3', 'mp3'],
    ['audio/mpeg', 'cover.mp3', 'mp3'],
    ['audio/mp4', 'tone.m4a', 'mp4'],
    ['audio/aac', 'tone.aac', 'adts'],
    ['audio/wav', 'tone.wav', 'wav'],
    ['audio/flac', 'tone.flac', 'flac'],
    ['audio/ogg', 'tone.opus', 'ogg'],
    ['audio/mpeg', 'tone.wav', 'TYPE_MISMATCH'],
    ['audio/mp4', 'anamorphic.mp4', 'NO_AUDIO_STREAM'],
    ['audio/mpeg', 'text.mp4', 'UNSUPPORTED_CONTAINER'],
  ])('declared as %s, %s is %s', async (type, name, expected) => {
    const real = new AudioStrategy({
      sniffer: new FileTypeSniffer(),
      probe: new MediabunnyProbe(),
    });
    const outcome = await real.analyse(declared(type, mediaFile(name)), signal).catch((e) => e);
    expect(outcome.code ?? outcome.metadata.container).toBe(expected);
  });
});
