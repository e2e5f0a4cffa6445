import type { HdrKind, ScanType } from '#domain/metadata.ts';

/** Our containers by the names MediaInfo gives its formats. */
const CONTAINERS: Readonly<Record<string, readonly string[]>> = {
  'MPEG-4': ['mp4', 'mov'],
  QuickTime: ['mov'],
  Matroska: ['matroska'],
  WebM: ['webm'],
  AVI: ['avi'],
  'Flash Video': ['flv'],
  'MPEG-TS': ['mpegts'],
};

/** Codecs as ffmpeg names them, by format and, where a format is several, by its version or profile. */
const CODECS: Readonly<Record<string, string>> = {
  AVC: 'h264',
  HEVC: 'hevc',
  VVC: 'vvc',
  AV1: 'av1',
  VP8: 'vp8',
  VP9: 'vp9',
  'MPEG-4 Visual': 'mpeg4',
  'MPEG Video Version 1': 'mpeg1video',
  'MPEG Video Version 2': 'mpeg2video',
  Theora: 'theora',
  JPEG: 'mjpeg',
  ProRes: 'prores',
  DV: 'dvvideo',
  'VC-1': 'vc1',
  'Sorenson Spark': 'flv1',
  AAC: 'aac',
  'MPEG Audio Layer 1': 'mp1',
  'MPEG Audio Layer 2': 'mp2',
  'MPEG Audio Layer 3': 'mp3',
  // Of an AVI without a frame of it.
  'MPEG Audio #50': 'mp2',
  'MPEG Audio #55': 'mp3',
  'AC-3': 'ac3',
  'E-AC-3': 'eac3',
  DTS: 'dts',
  Opus: 'opus',
  Vorbis: 'vorbis',
  FLAC: 'flac',
  ALAC: 'alac',
  Speex: 'speex',
  'Timed Text': 'mov_text',
  'UTF-8': 'subrip',
  SSA: 'ass',
  ASS: 'ass',
  WebVTT: 'webvtt',
  VobSub: 'dvd_subtitle',
  PGS: 'hdmv_pgs_subtitle',
  'DVB Subtitle': 'dvb_subtitle',
  TTML: 'ttml',
  'EIA-608': 'eia_608',
};

const PRIMARIES: Readonly<Record<string, string>> = {
  'BT.709': 'bt709',
  'BT.601 PAL': 'bt470bg',
  'BT.601 NTSC': 'smpte170m',
  'BT.2020': 'bt2020',
  'DCI P3': 'smpte431',
  'Display P3': 'smpte432',
};

const TRANSFERS: Readonly<Record<string, string>> = {
  'BT.709': 'bt709',
  'BT.601': 'smpte170m',
  'BT.2020 (10-bit)': 'bt2020-10',
  'BT.2020 (12-bit)': 'bt2020-12',
  'sRGB/sYCC': 'iec61966-2-1',
  Linear: 'linear',
  PQ: 'smpte2084',
  HLG: 'arib-std-b67',
};

const MATRICES: Readonly<Record<string, string>> = {
  'BT.709': 'bt709',
  'BT.601': 'smpte170m',
  'BT.470 System B/G': 'bt470bg',
  'BT.2020 non-constant': 'bt2020nc',
  'BT.2020 constant': 'bt2020c',
  Identity: 'gbr',
};

const SCANS: Readonly<Record<string, ScanType>> = {
  Progressive: 'progressive',
  Interlaced: 'interlaced',
  MBAFF: 'interlaced',
  PAFF: 'interlaced',
};

/** These know no fields. */
const ALWAYS_PROGRESSIVE = ['vp8', 'vp9', 'av1', 'theora'];

/** By the speakers, in alphabetical order; whether the surround ones are at the side or behind is not told apart. */
const LAYOUTS: Readonly<Record<string, string>> = {
  M: 'mono',
  C: 'mono',
  'L R': 'stereo',
  'L LFE R': '2.1',
  'C L R': '3.0',
  'C Cb L R': '4.0',
  'L Ls R Rs': 'quad',
  'C L Ls R Rs': '5.0',
  'C L LFE Ls R Rs': '5.1',
  'C L LFE Lb Ls R Rb Rs': '7.1',
};

/** Our containers that a format may be; null where it is none of ours. */
export function containersOf(format: string): readonly string[] | null {
  return named(CONTAINERS, format);
}

export function codecOfMediainfo({
  format,
  version,
  profile,
  id,
}: {
  readonly format: string;
  readonly version: string;
  readonly profile: string;
  readonly id: string;
}): string | null {
  const names = [
    format,
    `${format} Version ${version}`,
    `${format} ${profile}`,
    `${format} #${id}`,
  ];
  return names.map((name) => named(CODECS, name)).find((name) => name !== null) ?? null;
}

export function coloursOf(primaries: string, transfer: string, matrix: string, range: string) {
  const colourRange: 'tv' | 'pc' | null =
    range === 'Limited' ? 'tv' : range === 'Full' ? 'pc' : null;
  return {
    colourPrimaries: named(PRIMARIES, primaries),
    colourTransfer: named(TRANSFERS, transfer),
    colourMatrix: named(MATRICES, matrix),
    colourRange,
  };
}

export function scanOf(scan: string, codec: string | null): ScanType | null {
  if (ALWAYS_PROGRESSIVE.includes(codec ?? '')) return 'progressive';
  return named(SCANS, scan);
}

/** The dynamic range, by the metadata there are; null where those of the plain kind are not there either. */
export function hdrKind(
  formats: string,
  compatible: string,
  transfer: string | null,
): HdrKind | null {
  const all = `${formats} ${compatible}`;
  if (all.includes('Dolby Vision')) return 'dolby-vision';
  if (/SMPTE ST 2094 App 4|HDR10\+/.test(all)) return 'hdr10plus';
  if (transfer === 'smpte2084') return /HDR10|SMPTE ST 2086/.test(all) ? 'hdr10' : 'pq';
  if (transfer === 'arib-std-b67') return 'hlg';
  return transfer === null ? null : 'sdr';
}

export function layoutOf(speakers: string): string | null {
  return named(LAYOUTS, speakers.split(' ').toSorted().join(' '));
}

/** What a table has of its own: some of the names are from the file. */
function named<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}
