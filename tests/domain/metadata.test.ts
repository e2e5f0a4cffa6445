// The shapes of results are API: what is here may grow, and never shrink.
import { describe, expect, it } from 'vitest';
import { METADATA_VERSION } from '#domain/metadata.ts';
import { anImageMetadata, aVideoMetadata } from '../support/an-asset.ts';
import { AUDIO } from '../support/readers.ts';

/** Fields by the version that they came with. */
const VIDEO: Readonly<Record<number, readonly string[]>> = {
  1: 'kind container mimeType size strategy strategyVersion durationSeconds durationSource bitRate videoTracks audioTracks tags'.split(
    ' ',
  ),
  2: 'metadataVersion subtitleTracks chapterCount hasCover nonStandardInput'.split(' '),
};

const VIDEO_TRACK: Readonly<Record<number, readonly string[]>> = {
  1: 'index codec codecString width height displayWidth displayHeight rotation pixelAspect frameRate frameCount bitRate durationSeconds language'.split(
    ' ',
  ),
  2: 'frameRateMode profile level scanType bitDepth chromaSubsampling colourPrimaries colourTransfer colourMatrix colourRange hdr keyFrameSeconds hasEdits'.split(
    ' ',
  ),
};

const AUDIO_TRACK: Readonly<Record<number, readonly string[]>> = {
  1: 'index codec codecString channels sampleRate bitRate durationSeconds language'.split(' '),
  2: 'profile channelLayout hasEdits'.split(' '),
};

const IMAGE: Readonly<Record<number, readonly string[]>> = {
  1: 'format width height displayWidth displayHeight orientation pages hasAlpha colourSpace bitDepth'.split(
    ' ',
  ),
  2: 'camera capturedAt gps'.split(' '),
};

const video = aVideoMetadata();

describe('metadata', () => {
  it.each([
    ['a video', video, VIDEO],
    ['a video track', video.videoTracks[0] ?? {}, VIDEO_TRACK],
    ['an audio track', AUDIO, AUDIO_TRACK],
    ['an image', anImageMetadata().image, IMAGE],
  ])('of %s has every field of every version, and no other', (_, shape, versions) => {
    expect(Object.keys(shape).toSorted()).toEqual(Object.values(versions).flat().toSorted());
    expect(Math.max(...Object.keys(versions).map(Number))).toBe(METADATA_VERSION);
  });
});
