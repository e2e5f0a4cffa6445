import { mediaTypeOf } from '#domain/media-types.ts';
import type { AudioTrack, ImageFacts } from '#domain/metadata.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import type { StrategyInput } from '#ports/strategy.ts';
import type { TypeSniffer } from '#ports/type-sniffer.ts';
import { anAsset, aVideoTrack } from './an-asset.ts';
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

export const VIDEO = aVideoTrack();

export const AUDIO: AudioTrack = {
  index: 1,
  codec: 'aac',
  codecString: 'mp4a.40.2',
  profile: 'LC',
  channels: 2,
  channelLayout: 'stereo',
  sampleRate: 48_000,
  bitRate: 128_000,
  durationSeconds: 10.02,
  language: 'deu',
  hasEdits: false,
};

/** What `portrait.jpg` shows. */
export const PORTRAIT: ImageFacts = {
  format: 'jpeg',
  width: 640,
  height: 480,
  displayWidth: 480,
  displayHeight: 640,
  orientation: 6,
  pages: 1,
  hasAlpha: false,
  colourSpace: 'srgb',
  bitDepth: 8,
  camera: null,
  capturedAt: null,
  gps: null,
};

const REPORT: ProbeReport = {
  engine: 'stub',
  container: 'mp4',
  durationSeconds: 10,
  durationSource: 'container',
  videoTracks: [VIDEO],
  audioTracks: [AUDIO],
  subtitleTracks: [{ index: 2, codec: 'mov_text', language: 'eng' }],
  chapterCount: 3,
  hasCover: false,
  tags: { title: 'T' },
};
