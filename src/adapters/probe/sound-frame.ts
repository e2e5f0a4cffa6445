import { adtsFrame, type FrameParser, mpegFrame } from './mpeg-audio-frame.ts';

/** kbit/s of AC-3, by half of its index. Source: ETSI TS 102 366. */
const AC3_KILOBITS = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
];

const AC3_HERTZ = [48_000, 44_100, 32_000];
const AC3_SAMPLES = 1536;
const AC3_BLOCK_SAMPLES = 256;
const AC3_BLOCKS = [1, 2, 3, 6];

/** From this version on it is E-AC-3. */
const EAC3_VERSION_MIN = 11;

/** AC-3 and E-AC-3. Source: ETSI TS 102 366. */
const ac3Frame: FrameParser = (view, at) => {
  if (at + 6 > view.byteLength || view.getUint16(at) !== 0x0b77) return null;
  const [rates, version] = [view.getUint8(at + 4), view.getUint8(at + 5) >> 3];
  const sampleRate = AC3_HERTZ[rates >> 6];
  if (version >= EAC3_VERSION_MIN) return eac3Frame(view, at);
  const kilobits = AC3_KILOBITS[(rates & 63) >> 1];
  if (!sampleRate || !kilobits) return null;
  const words = Math.floor((kilobits * 1000 * AC3_SAMPLES) / sampleRate / 16);
  const padding = sampleRate === 44_100 ? rates & 1 : 0;
  return { bytes: (words + padding) * 2, samples: AC3_SAMPLES, sampleRate };
};

const eac3Frame: FrameParser = (view, at) => {
  const [head, rates] = [view.getUint16(at + 2), view.getUint8(at + 4)];
  const sampleRate = AC3_HERTZ[rates >> 6];
  const blocks = AC3_BLOCKS[(rates >> 4) & 3] ?? 0;
  if (!sampleRate) return null;
  // More channels of the same time come in frames of their own.
  const isMore = head >> 14 === 1;
  const samples = isMore ? 0 : blocks * AC3_BLOCK_SAMPLES;
  return { bytes: ((head & 0x7ff) + 1) * 2, samples, sampleRate };
};

const PARSERS = [ac3Frame, adtsFrame, mpegFrame];

/** A stream that is cut anywhere has a frame within so many bytes. */
const SEARCH_BYTES = 8 * 1024;

/** The first frame of sound that another one follows, or the end, and who reads it; null where nobody does. */
export function findSoundFrame(
  view: DataView,
): { readonly at: number; readonly parse: FrameParser } | null {
  for (let at = 0; at < Math.min(view.byteLength, SEARCH_BYTES); at += 1) {
    for (const parse of PARSERS) {
      const frame = parse(view, at);
      if (!frame) continue;
      const next = at + frame.bytes;
      if (next + 8 > view.byteLength || parse(view, next)) return { at, parse };
    }
  }
  return null;
}
