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
    /\.(mpegts|ogv)$|long\.mkv$/,
    /^video\.(frameCount|keyFrameSeconds)$/,
    'the container does not say; counting means reading all of it',
  ],
  [/fragment.*\.mp4$/, /^video\.keyFrameSeconds$/, 'it is spread over all fragments'],
  [
    /\.(mpegts|ogv)$|^long\.mkv$/,
    /^video\.frameRateMode$/,
    'the first frames do not tell it, and the others are not read',
  ],
  [
    /\.mpegts$/,
    /^(video|audio)\.bitRate$/,
    'a transport stream says it of no track; ffprobe looks at frames, or divides what it has read',
  ],
  [
    /\.flv$/,
    /^(video|audio)\.bitRate$/,
    "what the encoder was asked for, or what ffprobe adds up, is not in the file's index",
  ],
  [/^(mjpeg-pcm|mjpeg)\./, /^video\.(profile|colourMatrix|colourRange)$/, 'what JPEG always is'],
  [
    /^(prores.*|dnxhd|cineform|png|jpeg2000)\.mov$|^mpeg2\.(avi|mkv|mp4)$|^theora\.mkv$|^(utvideo|raw)\.avi$/,
    /^video\.(colour\w+|bitDepth|chromaSubsampling)$/,
    'it is in the frames, not in the index',
  ],
  [/^h264-dts\.mp4$/, /^audio\.profile$/, 'that it is the plain one is not a profile'],
  [/^mpeg2\.mkv$/, /^audio\.bitRate$/, 'it is in the frames, not in the header'],
  [
    /^(h265|hlg|hdr10|ffv1-flac)\.mkv$/,
    /^video\.scanType$/,
    'it is in the frames, not in the header; ffprobe takes it for progressive',
  ],
  [/^(tone|surround)\.ogg$/, /^audio\.bitRate$/, 'ffprobe tells what the encoder was asked for'],
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
    /^(audio\.)?durationSeconds$/,
    'we count the last frame of sound to its end, ffprobe to where the last frames begin, or less',
  ],
  [
    /^h264-stamped\.mpegts$/,
    /^audio\.bitRate$/,
    'the bundled ffprobe reads it, whose guess from the first frames is not that of the newer one',
  ],
  [
    /^h264-ac3-stamped\.mpegts$/,
    /^bitRate$/,
    'it is divided by how long the file lasts, which we count to the end of its sound',
  ],
  [/\.avi$/, /^video\.bitRate$/, 'ffprobe leaves out how long the last frame is shown'],
  [
    /^h264\.avi$|^h264-dts\.mp4$/,
    /^audio\.bitRate$/,
    'we divide what is stored by how long it lasts',
  ],
  [
    /^h264\.avi$/,
    /^video\.frameRate$/,
    'every second frame of the header is none: the index has it empty',
  ],
  [/^prores.*\.mov$/, /^video\.profile$/, 'we tell it in Apple’s words'],
  [/^dnxhd\.mov$/, /^video\.profile$/, 'we tell it in Avid’s words'],
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
  [/\.opus$/, /(durationSeconds|bitRate)$/, 'ffprobe counts samples that decoders drop'],
  [
    /^still\.gif$/,
    /^image\.hasAlpha$/,
    'no pixel of it is transparent; ffprobe names how it decodes GIFs',
  ],
];

const rows = (kind: KnownDifference['kind'], of: readonly Row[]): readonly KnownDifference[] =>
  of.map(([files, fields, because]) => ({ files, fields, kind, because }));

/** All there are. Each of them occurs. */
export const KNOWN: readonly KnownDifference[] = [
  ...rows('silent', SILENT),
  ...rows('differs', DIFFERS),
];
