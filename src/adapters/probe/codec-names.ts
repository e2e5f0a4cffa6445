/** Codecs by the names containers give them, where mediabunny has none. */
const BY_CONTAINER_ID: Readonly<Record<string, string>> = {
  s263: 'h263',
  jpeg: 'mjpeg',
  mjpa: 'mjpeg',
  apch: 'prores',
  apcn: 'prores',
  apcs: 'prores',
  apco: 'prores',
  ap4h: 'prores',
  ap4x: 'prores',
  AVdn: 'dnxhd',
  AVdh: 'dnxhd',
  CFHD: 'cfhd',
  'vc-1': 'vc1',
  mp2v: 'mpeg2video',
  samr: 'amr_nb',
  sawb: 'amr_wb',
  alac: 'alac',
  'V_MPEG4/ISO/ASP': 'mpeg4',
  V_MPEG1: 'mpeg1video',
  V_MPEG2: 'mpeg2video',
  V_THEORA: 'theora',
  V_MJPEG: 'mjpeg',
  V_FFV1: 'ffv1',
  V_PRORES: 'prores',
  'A_MPEG/L2': 'mp2',
  A_ALAC: 'alac',
  A_TTA1: 'tta',
  A_WAVPACK4: 'wavpack',
  A_TRUEHD: 'truehd',
  A_DTS: 'dts',
};

const BY_MEDIABUNNY: Readonly<Record<string, string>> = { avc: 'h264' };

const BY_FFPROBE: Readonly<Record<string, string>> = { pcm_mulaw: 'ulaw', pcm_alaw: 'alaw' };

/** Our short name of a codec that mediabunny found; where it has no name for it, the container's own id tells. */
export function codecOfMediabunny(codec: string | null, containerId: unknown): string | null {
  if (codec !== null) return BY_MEDIABUNNY[codec] ?? codec;
  // An id is from the file, and may be the name of what every object has.
  const isKnown = typeof containerId === 'string' && Object.hasOwn(BY_CONTAINER_ID, containerId);
  return isKnown ? (BY_CONTAINER_ID[containerId] ?? null) : null;
}

/** Our short name of a codec that ffprobe found: mostly its own. PCM is `pcm-s16` little-endian, `pcm-s16be` big-endian. */
export function codecOfFfprobe(codec: string | undefined): string | null {
  if (!codec || codec === 'unknown') return null;
  const pcm = /^pcm_([suf]\d+)(le|be)?$/.exec(codec);
  if (pcm) return `pcm-${pcm[1]}${pcm[2] === 'be' ? 'be' : ''}`;
  return BY_FFPROBE[codec] ?? codec;
}

/** Bits per second of uncompressed audio, or null where it is compressed. */
export function pcmBitRate(
  codec: string | null,
  channels: number,
  sampleRate: number,
): number | null {
  const bits =
    codec === 'ulaw' || codec === 'alaw' ? 8 : Number(/^pcm-[suf](\d+)/.exec(codec ?? '')?.[1]);
  return Number.isFinite(bits) ? bits * channels * sampleRate : null;
}

const AAC_PROFILES: Readonly<Record<string, string>> = {
  'mp4a.40.2': 'LC',
  'mp4a.40.5': 'HE-AAC',
  'mp4a.40.29': 'HE-AACv2',
};

/** What the header of plain AAC goes on with where there is more in the frames. Source: ISO/IEC 14496-3, 1.6.5. */
const SBR_FOLLOWS = '01010110111001011';
const PS_FOLLOWS = '101010010001';

/** The profile of an AAC track, from its RFC 6381 string, and from what its header adds to that of the plain one. */
export function aacProfile(codecString: string | null, header: Uint8Array | null): string | null {
  const plain = AAC_PROFILES[codecString ?? ''] ?? null;
  if (plain !== 'LC' || header === null) return plain;
  const bits = [...header].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const sbr = bits.indexOf(SBR_FOLLOWS);
  if (sbr < 0) return plain;
  return bits.includes(PS_FOLLOWS, sbr) ? 'HE-AACv2' : 'HE-AAC';
}
