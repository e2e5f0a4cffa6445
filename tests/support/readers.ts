import { mediaTypeOf } from '#domain/media-types.ts';
import type { AudioTrack, VideoTrack } from '#domain/metadata.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import type { StrategyInput } from '#ports/strategy.ts';
import type { TypeSniffer } from '#ports/type-sniffer.ts';
import { anAsset } from './an-asset.ts';
import { FileSource } from './file-source.ts';

/** A file of 1000 bytes, declared as some type. */
export function declared(
  contentType: string,
  source: MediaSource = new FileSource(new Uint8Array(1000)),
): StrategyInput {
  const mediaType = mediaTypeOf(contentType);
  if (!mediaType) throw new Error(`${contentType} is not in the table`);
  return { asset: anAsset({ contentType }), mediaType, source };
}

/** A sniffer that has made up its mind. */
export const sniffs = (container: string | null): TypeSniffer => ({ sniff: async () => container });

/** A probe that has made up its mind, and knows what it was asked. */
export function finds(report: Partial<ProbeReport>): MediaProbe & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    probe: async (_, container) => {
      asked.push(container);
      return { ...REPORT, ...report };
    },
  };
}

export const VIDEO: VideoTrack = {
  index: 0,
  codec: 'h264',
  codecString: 'avc1.64001f',
  width: 1920,
  height: 1080,
  displayWidth: 1080,
  displayHeight: 1920,
  rotation: 90,
  pixelAspect: '1:1',
  frameRate: 29.97,
  frameCount: 300,
  bitRate: 5_000_000,
  durationSeconds: 10.01,
  language: null,
};

export const AUDIO: AudioTrack = {
  index: 1,
  codec: 'aac',
  codecString: 'mp4a.40.2',
  channels: 2,
  sampleRate: 48_000,
  bitRate: 128_000,
  durationSeconds: 10.02,
  language: 'deu',
};

const REPORT: ProbeReport = {
  engine: 'stub',
  container: 'mp4',
  durationSeconds: 10,
  durationSource: 'container',
  videoTracks: [VIDEO],
  audioTracks: [AUDIO],
  hasCover: false,
  tags: { title: 'T' },
};
