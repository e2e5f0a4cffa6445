import type { VideoTrack } from '#domain/metadata.ts';

type Implied = Partial<Pick<VideoTrack, 'scanType' | 'bitDepth' | 'chromaSubsampling'>>;

/** No fields. */
const WHOLE: Implied = { scanType: 'progressive' };

/** One kind of pixel. */
const PLAIN: Implied = { bitDepth: 8, chromaSubsampling: '4:2:0' };

/** What all pictures of a codec are, whatever its headers say or leave out. */
const IMPLIED: Readonly<Record<string, Implied>> = {
  vp8: { ...WHOLE, ...PLAIN },
  vp9: WHOLE,
  av1: WHOLE,
  theora: WHOLE,
  flv1: { ...WHOLE, ...PLAIN },
  h263: { ...WHOLE, ...PLAIN },
  mpeg1video: { ...WHOLE, ...PLAIN },
  msmpeg4v1: PLAIN,
  msmpeg4v2: PLAIN,
  msmpeg4v3: PLAIN,
  wmv1: PLAIN,
  wmv2: PLAIN,
};

/** The track, with what its codec implies where nobody told it. */
export function withImplied(video: VideoTrack): VideoTrack {
  const codec = video.codec ?? '';
  const implied = Object.hasOwn(IMPLIED, codec) ? IMPLIED[codec] : undefined;
  if (!implied) return video;
  return {
    ...video,
    scanType: video.scanType ?? implied.scanType ?? null,
    bitDepth: video.bitDepth ?? implied.bitDepth ?? null,
    chromaSubsampling: video.chromaSubsampling ?? implied.chromaSubsampling ?? null,
  };
}
