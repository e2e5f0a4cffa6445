/** One frame of a stream of audio frames, as its header tells. */
export interface AudioFrame {
  readonly bytes: number;
  readonly samples: number;
  /** Hertz. */
  readonly sampleRate: number;
}

/** Reads the header at a position, or null where there is none. */
export type FrameParser = (view: DataView, at: number) => AudioFrame | null;

/** kbit/s by index, for version 1 layers I to III, then version 2 layer I, and layers II and III. */
const KILOBITS: Readonly<Record<string, readonly number[]>> = {
  '1.1': [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1.2': [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1.3': [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2.1': [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2.2': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  '2.3': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

const MPEG_HERTZ = [44_100, 48_000, 32_000];

/** MPEG audio, all versions and layers. Source: ISO/IEC 11172-3, 13818-3. */
export const mpegFrame: FrameParser = (view, at) => {
  if (at + 4 > view.byteLength) return null;
  const header = view.getUint32(at);
  if (header >>> 21 !== 0x7ff) return null;
  const version = (header >>> 19) & 3; // 3: version 1, 2: version 2, 0: version 2.5
  const layer = 4 - ((header >>> 17) & 3);
  const hertz = MPEG_HERTZ[(header >>> 10) & 3];
  const kilobits = KILOBITS[`${version === 3 ? 1 : 2}.${layer}`]?.[(header >>> 12) & 15];
  if (version === 1 || layer === 4 || !hertz || !kilobits) return null;
  const sampleRate = hertz / { 3: 1, 2: 2, 0: 4 }[version as 0 | 2 | 3];
  const padding = (header >>> 9) & 1;
  const samples = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
  const slot = layer === 1 ? 4 : 1;
  const slots = Math.floor(((samples / 8 / slot) * kilobits * 1000) / sampleRate) + padding;
  return { bytes: slots * slot, samples, sampleRate };
};

/** Whether this is the header of a frame whose bit rate is not said: it is to be told from the distance to the next one. */
export function isFreeFormat(view: DataView, at: number): boolean {
  if (at + 4 > view.byteLength) return false;
  const header = view.getUint32(at);
  const [version, layer] = [(header >>> 19) & 3, (header >>> 17) & 3];
  const isFree = ((header >>> 12) & 15) === 0 && ((header >>> 10) & 3) !== 3;
  return header >>> 21 === 0x7ff && version !== 1 && layer !== 0 && isFree;
}

const ADTS_HERTZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
  7_350,
];

/** AAC in ADTS. Source: ISO/IEC 13818-7. */
export const adtsFrame: FrameParser = (view, at) => {
  if (at + 7 > view.byteLength || (view.getUint16(at) & 0xfff6) !== 0xfff0) return null;
  const sampleRate = ADTS_HERTZ[(view.getUint8(at + 2) >> 2) & 15];
  const bytes = (view.getUint32(at + 3) >>> 13) & 0x1fff;
  const blocks = (view.getUint8(at + 6) & 3) + 1;
  return sampleRate && bytes > 7 ? { bytes, samples: 1024 * blocks, sampleRate } : null;
};
