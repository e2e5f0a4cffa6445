import type { InputAudioTrack, InputVideoTrack } from 'mediabunny';
import type { AudioTrack, VideoTrack } from '#domain/metadata.ts';
import { layoutByHeader } from './channel-layouts.ts';
import { aacProfile, codecOfMediabunny, pcmBitRate } from './codec-names.ts';
import type { TrackFacts } from './container-facts.ts';
import {
  displaySize,
  known,
  knownLanguage,
  lowestTerms,
  quarterTurns,
  ratioText,
  UNTOLD_VIDEO,
} from './track-truth.ts';

/** Frame rates to a thousandth: `29.97`, `23.976`. */
const FRAME_RATE_DECIMALS = 3;

/** Durations to a microsecond, so that rounding errors do not show. */
export const DURATION_DECIMALS = 6;

/** What is known of a track besides what the engine holds in memory. */
export interface KnownTrack extends TrackFacts {
  readonly codecString: string | null;
  /** What decoders are told before the first frame; null where that is nothing. */
  readonly codecHeader: Uint8Array | null;
  /** Whether the container knows how many channels there are. */
  readonly tellsChannels: boolean;
}

/** A video track as the engine and our own reading of its container tell. */
export async function describeVideo(
  track: InputVideoTrack,
  index: number,
  facts: KnownTrack,
): Promise<VideoTrack> {
  const coded = { width: await track.getCodedWidth(), height: await track.getCodedHeight() };
  const rotation = quarterTurns(await track.getRotation());
  const { num, den } = await track.getPixelAspectRatio();
  const pixelAspect = lowestTerms(facts.pixelAspect ?? [num, den]);
  return {
    ...UNTOLD_VIDEO,
    index,
    codec: codecOfMediabunny(await track.getCodec(), await track.getInternalCodecId()),
    codecString: facts.codecString,
    ...coded,
    ...displaySize(facts.cropped ?? coded, pixelAspect, rotation),
    rotation,
    pixelAspect: ratioText(pixelAspect),
    frameRate: known(facts.frameRate, FRAME_RATE_DECIMALS),
    frameCount: known(facts.frameCount),
    frameRateMode: facts.frameRateMode ?? null,
    keyFrameSeconds: known(facts.keyFrameSeconds, FRAME_RATE_DECIMALS),
    hasEdits: facts.hasEdits ?? null,
    bitRate: known(facts.bitRate ?? (await track.getAverageBitrate())),
    durationSeconds: known(facts.durationSeconds, DURATION_DECIMALS),
    language: knownLanguage(await track.getLanguageCode()),
  };
}

/** An audio track, likewise. */
export async function describeAudio(
  track: InputAudioTrack,
  index: number,
  facts: KnownTrack,
): Promise<AudioTrack> {
  const codec = codecOfMediabunny(await track.getCodec(), await track.getInternalCodecId());
  const channels = await track.getNumberOfChannels();
  const sampleRate = await track.getSampleRate();
  const bitRate = facts.bitRate ?? (await track.getAverageBitrate());
  return {
    index,
    codec,
    codecString: facts.codecString,
    profile: aacProfile(facts.codecString, facts.codecHeader),
    channels: facts.tellsChannels ? known(channels) : null,
    channelLayout: facts.tellsChannels
      ? (facts.channelLayout ?? layoutByHeader(codec, channels, facts.codecHeader))
      : null,
    hasEdits: facts.hasEdits ?? null,
    sampleRate: known(sampleRate),
    bitRate: known(bitRate ?? pcmBitRate(codec, channels, sampleRate)),
    durationSeconds: known(facts.durationSeconds, DURATION_DECIMALS),
    language: knownLanguage(await track.getLanguageCode()),
  };
}
