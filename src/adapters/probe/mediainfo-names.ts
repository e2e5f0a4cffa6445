import type { HdrKind, ScanType } from '#domain/metadata.ts';
import { hdrOf } from './track-truth.ts';

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

/** Codecs as ffmpeg names them, by the id that containers have for them: of formats that are several codecs. */
const CODECS_BY_ID: Readonly<Record<string, string>> = {
  MP41: 'msmpeg4v1',
  MPG4: 'msmpeg4v1',
  MP42: 'msmpeg4v2',
  MP43: 'msmpeg4v3',
  DIV3: 'msmpeg4v3',
  WMV1: 'wmv1',
  WMV2: 'wmv2',
  WMV3: 'wmv3',
  FFVH: 'ffvhuff',
  v210: 'v210',
  A_TRUEHD: 'truehd',
  ima4: 'adpcm_ima_qt',
};

/** Codecs as ffmpeg names them, by format and, where a format is several, by its version or profile. */
const CODECS: Readonly<Record<string, string>> = {
  AVC: 'h264',
  HEVC: 'hevc',
  VVC: 'vvc',
  AV1: 'av1',
  VP6: 'vp6f',
  VP8: 'vp8',
  VP9: 'vp9',
  'MPEG-4 Visual': 'mpeg4',
  xvid: 'mpeg4',
  XVID: 'mpeg4',
  'MPEG Video Version 1': 'mpeg1video',
  'MPEG Video Version 2': 'mpeg2video',
  'H.263': 'h263',
  Theora: 'theora',
  JPEG: 'mjpeg',
  'JPEG 2000': 'jpeg2000',
  ProRes: 'prores',
  'VC-3': 'dnxhd',
  CineForm: 'cfhd',
  DV: 'dvvideo',
  'VC-1': 'vc1',
  FFV1: 'ffv1',
  HuffYUV: 'huffyuv',
  'Ut Video': 'utvideo',
  RLE: 'qtrle',
  PNG: 'png',
  RGB: 'rawvideo',
  'Sorenson Spark': 'flv1',
  'Screen video': 'flashsv',
  'Screen video 2': 'flashsv2',
  AAC: 'aac',
  'MPEG Audio Layer 1': 'mp1',
  'MPEG Audio Layer 2': 'mp2',
  'MPEG Audio Layer 3': 'mp3',
  // Of an AVI without a frame of it.
  'MPEG Audio #50': 'mp2',
  'MPEG Audio #55': 'mp3',
  // Of an FLV; other containers have other ids.
  'ADPCM ShockWave': 'adpcm_swf',
  'ADPCM A-law': 'alaw',
  'ADPCM U-law': 'ulaw',
  Nellymoser: 'nellymoser',
  'AC-3': 'ac3',
  'E-AC-3': 'eac3',
  DTS: 'dts',
  Opus: 'opus',
  Vorbis: 'vorbis',
  FLAC: 'flac',
  ALAC: 'alac',
  Speex: 'speex',
  WavPack: 'wavpack',
  TTA: 'tta',
  'WMA Version 1': 'wmav1',
  'WMA Version 2': 'wmav2',
  'Timed Text': 'mov_text',
  'UTF-8': 'subrip',
  SSA: 'ass',
  ASS: 'ass',
  WebVTT: 'webvtt',
  'D_WEBVTT/SUBTITLES': 'webvtt',
  VobSub: 'dvd_subtitle',
  PGS: 'hdmv_pgs_subtitle',
  'DVB Subtitle': 'dvb_subtitle',
  TTML: 'ttml',
  'EIA-608': 'eia_608',
};

/** Uncompressed pictures, by the ids of those whose MediaInfo format is also that of compressed ones. */
const RAW_IDS = ['I420', 'IYUV', 'YV12', 'YUY2', 'UYVY', '2vuy', 'NV12', 'yuv2', 'Y800'];

/** Hz of what FLV has an id for of its own; the rate beside it is one of four, and there for nothing. */
export const FLV_HERTZ: Readonly<Record<string, number>> = {
  4: 16_000,
  5: 8000,
  7: 8000,
  8: 8000,
  11: 16_000,
};

/** What sound is uncompressed of. */
export interface PcmNames {
  readonly bits: number | null;
  readonly endianness: string;
  readonly sign: string;
  /** `Float`, or nothing. */
  readonly profile: string;
}

/** As `pcm-s16`, `pcm-s24be`, `pcm-u8`; null where it cannot be told. */
export function pcmOf({ bits, endianness, sign, profile }: PcmNames): string | null {
  if (bits === null) return null;
  const kind = profile === 'Float' ? 'f' : sign === 'Unsigned' ? 'u' : 's';
  return `pcm-${kind}${bits}${endianness === 'Big' && bits > 8 ? 'be' : ''}`;
}

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

/** By the speakers, in alphabetical order; whether the surround ones are at the side or behind is not told apart. */
const LAYOUTS: Readonly<Record<string, string>> = {
  M: 'mono',
  C: 'mono',
  'L R': 'stereo',
  'L LFE R': '2.1',
  'C L R': '3.0',
  'C Cb L R': '4.0',
  'L Ls R Rs': 'quad',
  'L Lb R Rb': 'quad',
  'C L Ls R Rs': '5.0',
  'C L Lb R Rb': '5.0',
  'C L LFE Ls R Rs': '5.1',
  'C L LFE Lb R Rb': '5.1',
  'C L LFE Lss R Rss': '5.1',
  'C Cb L LFE Ls R Rs': '6.1',
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
  firm,
}: {
  readonly format: string;
  readonly version: string;
  readonly profile: string;
  readonly id: string;
  readonly firm: string;
}): string | null {
  const byId = named(CODECS_BY_ID, id);
  if (byId !== null) return byId;
  if (RAW_IDS.includes(id)) return 'rawvideo';
  // It takes the pictures of Ut Video for uncompressed ones.
  if (/^ULY|^ULRG|^ULRA|^ULH|^UQ/.test(id)) return 'utvideo';
  const names = [
    format,
    `${format} Version ${version}`,
    `${format} ${profile}`,
    `${format} #${id}`,
    `${format} ${firm}`,
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

export function scanOf(scan: string): ScanType | null {
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
  const plain = hdrOf(transfer);
  return plain === 'pq' && /HDR10|SMPTE ST 2086/.test(all) ? 'hdr10' : plain;
}

export function layoutOf(speakers: string): string | null {
  return named(LAYOUTS, speakers.split(' ').toSorted().join(' '));
}

/** What a table has of its own: some of the names are from the file. */
function named<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}
