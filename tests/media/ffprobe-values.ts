/** What ffprobe says, in our words; null where it does not know. */
import type { FfprobePacket, FfprobeStream, FfprobeTruth } from './ask-ffprobe.ts';

export function number(value: string | number | undefined): number | null {
  const parsed = Number(value ?? Number.NaN);
  return Number.isFinite(parsed) && parsed > 0 ? parsed : null;
}

export function text(value: string | undefined): string | null {
  return value === undefined || /^(unknown|reserved|unspecified|none|N\/A)$/.test(value)
    ? null
    : value;
}

const CODECS: Readonly<Record<string, string>> = { pcm_mulaw: 'ulaw', pcm_alaw: 'alaw' };

export function codec({ codec_name }: FfprobeStream): string | null {
  const pcm = /^pcm_([suf]\d+)(le|be)?$/.exec(codec_name ?? '');
  if (pcm) return `pcm-${pcm[1]}${pcm[2] === 'be' ? 'be' : ''}`;
  return CODECS[codec_name ?? ''] ?? text(codec_name);
}

const IMAGES: Readonly<Record<string, string>> = { mjpeg: 'jpeg', av1: 'avif', apng: 'png' };

export function imageFormat({ codec_name = '' }: FfprobeStream): string {
  return IMAGES[codec_name] ?? codec_name;
}

const CONTAINERS: Readonly<Record<string, string>> = { aac: 'adts' };

/** One of the names of a demuxer: ours, where it is among them. */
export function container(names: readonly string[], ours: string): string {
  const all = names.map((name) => CONTAINERS[name] ?? name);
  return all.includes(ours) ? ours : (all[0] ?? '');
}

/** Clockwise. */
export function rotation({ side_data_list }: FfprobeStream): number {
  const counterclockwise = side_data_list?.find((each) => each.rotation !== undefined)?.rotation;
  return (360 - (counterclockwise ?? 0)) % 360;
}

export function pixelAspect({ sample_aspect_ratio }: FfprobeStream): string | null {
  return sample_aspect_ratio === '0:1' ? null : text(sample_aspect_ratio);
}

export function displaySize(stream: FfprobeStream): readonly [number, number] {
  const { width = 0, height = 0 } = stream;
  const [across = 1, down = 1] = (pixelAspect(stream) ?? '1:1').split(':').map(Number);
  const shown: [number, number] = [Math.round((width * across) / down), height];
  return rotation(stream) % 180 === 0 ? shown : [shown[1], shown[0]];
}

export function frameRate({ avg_frame_rate = '' }: FfprobeStream): number | null {
  const [frames = 0, seconds = 0] = avg_frame_rate.split('/').map(Number);
  return number(frames / seconds);
}

const times = (packets: readonly FfprobePacket[]): readonly number[] =>
  packets
    .map(({ pts_time }) => Number(pts_time))
    .filter(Number.isFinite)
    .toSorted((one, other) => one - other);

const distances = (sorted: readonly number[]): readonly number[] =>
  sorted.slice(1).map((time, n) => time - (sorted[n] ?? 0));

/** Matroska rounds times to a millisecond. */
const ROUNDING_SECONDS = 0.0021;

export function frameRateMode({ packets }: FfprobeStream): string | null {
  const between = distances(times(packets));
  if (between.length < 2) return null;
  return Math.max(...between) - Math.min(...between) > ROUNDING_SECONDS ? 'variable' : 'constant';
}

/** From one key frame to the next, or to the end. */
export function keyFrameSeconds({ packets, duration }: FfprobeStream): number | null {
  const all = times(packets);
  const keys = times(packets.filter(({ flags }) => flags.includes('K')));
  const [first = 0, last, before] = [all[0], all.at(-1), all.at(-2)];
  if (last === undefined || before === undefined) return null;
  const end = duration === undefined ? last + (last - before) : first + Number(duration);
  return number(Math.max(...distances([...keys, end])));
}

/** ffprobe's own words for what it does not know. */
export function profile({ profile: name }: FfprobeStream): string | null {
  return name === undefined || /^(unknown|-?\d+)$/.test(name) ? null : name;
}

const LEVEL_UNITS: Readonly<Record<string, number>> = { h264: 10, hevc: 30 };

export function level({ codec_name = '', level: units }: FfprobeStream): string | null {
  const unit = LEVEL_UNITS[codec_name];
  return unit && units !== undefined && units > 0 ? String(units / unit) : null;
}

export function scanType({ field_order }: FfprobeStream): string | null {
  if (text(field_order ?? 'unknown') === null) return null;
  return field_order === 'progressive' ? 'progressive' : 'interlaced';
}

export function bitDepth({ pix_fmt }: FfprobeStream): number | null {
  if (pix_fmt === undefined) return null;
  if (/^(rgb48|rgba64|bgr48|bgra64)/.test(pix_fmt)) return 16;
  return Number(/(?:p|gray|ya)(\d+)[lb]e$/.exec(pix_fmt)?.[1] ?? 8);
}

export function chromaSubsampling({ pix_fmt = '' }: FfprobeStream): string | null {
  if (pix_fmt.startsWith('gray')) return '4:0:0';
  const [, digits] = /^yuv[aj]?(\d{3})p/.exec(pix_fmt) ?? [];
  return digits?.split('').join(':') ?? null;
}

export function hasAlpha({ pix_fmt }: FfprobeStream): boolean | null {
  // A palette may have a colour that is none.
  if (pix_fmt === undefined || pix_fmt === 'pal8') return null;
  return /^(ya|yuva|rgba|bgra|argb|abgr|gbrap)/.test(pix_fmt);
}

export function hdr({ color_transfer, frameSideData }: FfprobeStream): string | null {
  if (color_transfer === 'arib-std-b67') return 'hlg';
  if (color_transfer !== 'smpte2084') return text(color_transfer) === null ? null : 'sdr';
  return frameSideData.some((type) => type.startsWith('Mastering')) ? 'hdr10' : 'pq';
}

export function language({ tags }: FfprobeStream): string | null {
  const found = tag(tags, 'language');
  return found === 'und' ? null : found;
}

/** Matroska writes names in capitals. */
export function tag(tags: FfprobeTruth['format']['tags'], name: string): string | null {
  return tags?.[name] ?? tags?.[name.toUpperCase()] ?? null;
}
