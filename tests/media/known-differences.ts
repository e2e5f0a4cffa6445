/** One way in which we and ffprobe do not agree, and why. `docs/metadata-differences.md` tells it to people. */
export interface KnownDifference {
  readonly files: RegExp;
  readonly fields: RegExp;
  /** `silent` where we say null and ffprobe knows. */
  readonly kind: 'silent' | 'differs';
  readonly because: string;
}

type Row = readonly [files: RegExp, fields: RegExp, because: string];

/** Where we say nothing, and ffprobe does. */
const SILENT: readonly Row[] = [
  [
    /\.(mkv|webm|mpegts|ogv|avi|flv)$/,
    /^video\.(frameCount|keyFrameSeconds)$/,
    'the container does not say; counting means reading all of it',
  ],
  [/fragment.*\.mp4$/, /^video\.keyFrameSeconds$/, 'it is spread over all fragments'],
  [
    /\.(mpegts|avi)$/,
    /^video\.frameRateMode$/,
    'the first frames do not tell it, and the others are not read',
  ],
  [
    /\.mpegts$/,
    /^(video|audio)\.(durationSeconds|bitRate)$/,
    'a transport stream says it of no track; ffprobe reads the end of each, we read that of the file',
  ],
  [
    /^(h264|sorenson)\.flv$|^mjpeg-pcm\.avi$/,
    /^(video|audio)\.bitRate$/,
    "what the encoder was asked for, or what ffprobe adds up, is not in the file's index",
  ],
  [/^(mjpeg-pcm|mjpeg)\./, /^video\.(profile|colourMatrix|colourRange)$/, 'what JPEG always is'],
  [/^mjpeg-pcm\.avi$/, /^audio\.codec$/, 'the engine that reads AVI has another name for it'],
  [
    /^(prores|dnxhd)\.mov$/,
    /^video\.(colour\w+|bitDepth)$/,
    'it is in the frames, not in the index',
  ],
  [/^(dnxhd\.mov|ffv1-flac\.mkv)$/, /^video\.codec$/, 'no engine of ours has a name for it'],
  [
    /^(h265|hlg|hdr10|ffv1-flac)\.mkv$/,
    /^video\.scanType$/,
    'it is in the frames, not in the header; ffprobe takes it for progressive',
  ],
  [/^(vp8\.webm|sorenson\.flv)$/, /^video\.chromaSubsampling$/, 'what the codec always is'],
  [/^subtitles\.webm$/, /^subtitles\.codec$/, 'no engine of ours has a name for it'],
  [/^surround\.wav$/, /^audio\.channelLayout$/, 'the header says six channels, not which'],
  [/^tone\.ogg$/, /^audio\.bitRate$/, 'ffprobe tells what the encoder was asked for'],
];

/** Where the two say different things. */
const DIFFERS: readonly Row[] = [
  [
    /^h264-fragmented-with-index\.mp4$/,
    /^audio\.channel/,
    'ffprobe reads the sample entry, which says two whatever there are; we read the codec’s own header',
  ],
  [
    /\.mpegts$/,
    /^durationSeconds$/,
    'we count the last frame of sound to its end, ffprobe by its own estimate',
  ],
  [
    /\.flv$/,
    /^(durationSeconds|bitRate)$/,
    'we tell what the header says, ffprobe what the tags say',
  ],
  [
    /\.avi$/,
    /^video\.frameCount$/,
    'the header counts in units of its own, which are not always frames',
  ],
  [/^h264\.avi$/, /^audio\.bitRate$/, 'the header says what the encoder was asked for'],
  [/^prores\.mov$/, /^video\.profile$/, 'we tell it in Apple’s words'],
  [/^dnxhd\.mov$/, /^video\.profile$/, 'we tell it in Avid’s words'],
  [
    /^vfr\.(mkv|webm)$/,
    /^video\.frameRateMode$/,
    'the rate changes behind the frames that are looked at',
  ],
  [
    /^two-languages\.mkv$/,
    /^audio\.language$/,
    'we tell ISO 639-2/T whatever the file has: deu, not ger',
  ],
  [
    /^edit-list-cut\./,
    /^video\.keyFrameSeconds$/,
    'we count what is stored, ffprobe what is shown',
  ],
  [
    /^vbr\.mp3$/,
    /^audio\.bitRate$/,
    'we divide by the frames, ffprobe takes the header of the first',
  ],
  [/^tone\.opus$/, /(durationSeconds|bitRate)$/, 'ffprobe counts samples that decoders drop'],
  [
    /^still\.gif$/,
    /^image\.hasAlpha$/,
    'no pixel of it is transparent; ffprobe names how it decodes GIFs',
  ],
  [
    /^theora-vorbis\.ogv$/,
    /^code$/,
    'the engine that reads Ogg sees no Theora beside sound: the file ends as NO_VIDEO_STREAM',
  ],
];

const rows = (kind: KnownDifference['kind'], of: readonly Row[]): readonly KnownDifference[] =>
  of.map(([files, fields, because]) => ({ files, fields, kind, because }));

/** All there are. Each of them occurs. */
export const KNOWN: readonly KnownDifference[] = [
  ...rows('silent', SILENT),
  ...rows('differs', DIFFERS),
];
