import type { ScanType, VideoTrack } from '#domain/metadata.ts';
import { hdrOf } from './track-truth.ts';

type Picture = Pick<
  VideoTrack,
  | 'profile'
  | 'level'
  | 'scanType'
  | 'bitDepth'
  | 'chromaSubsampling'
  | 'colourPrimaries'
  | 'colourTransfer'
  | 'colourMatrix'
  | 'colourRange'
  | 'hdr'
>;

/** Fields as ffprobe's JSON has them. */
type Fields = Readonly<Record<string, unknown>>;

/** `tb` and `bt` are fields of which the other one is stored first. */
const SCANS: Readonly<Record<string, ScanType>> = {
  progressive: 'progressive',
  tt: 'interlaced',
  bb: 'interlaced',
  tb: 'interlaced',
  bt: 'interlaced',
};

/** How a level is written as a number, by codec; the others have no numbers, or none that we know. */
const LEVELS: Readonly<Record<string, (level: number) => number>> = {
  h264: (level) => level / 10,
  hevc: (level) => level / 30,
};

/** What ffprobe says of how a picture is coded. */
export function pictureOfFfprobe(stream: Fields): Picture {
  const pixels = said(stream['pix_fmt']) ?? '';
  const transfer = said(stream['color_transfer']);
  const range = said(stream['color_range']);
  const level = LEVELS[String(stream['codec_name'])]?.(Number(stream['level'])) ?? 0;
  return {
    profile: said(stream['profile']),
    level: level > 0 ? String(level) : null,
    scanType: SCANS[said(stream['field_order']) ?? ''] ?? null,
    bitDepth: bitsOf(pixels),
    chromaSubsampling: chromaOf(pixels),
    colourPrimaries: said(stream['color_primaries']),
    colourTransfer: transfer,
    colourMatrix: said(stream['color_space']),
    colourRange: range === 'tv' || range === 'pc' ? range : null,
    hdr: hdrOf(transfer),
  };
}

/** Text that says something. */
export function said(value: unknown): string | null {
  return typeof value === 'string' && !['', 'unknown', 'N/A', 'reserved'].includes(value)
    ? value
    : null;
}

/** Of `yuv420p10le` and `gray12le`; 8 has no number. */
function bitsOf(pixels: string): number | null {
  const planar = /^(?:yuvj?a?4[0-4][0-4]p|gray|gbra?p)(\d+)?/.exec(pixels);
  return planar ? Number(planar[1] ?? 8) : null;
}

function chromaOf(pixels: string): string | null {
  const planar = /^yuvj?a?(4)([0-4])([0-4])p/.exec(pixels);
  if (planar) return planar.slice(1).join(':');
  return pixels.startsWith('gray') ? '4:0:0' : null;
}
