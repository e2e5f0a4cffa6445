import type { MediaSource } from '#ports/media-source.ts';
import { fourLetters, viewOf } from './byte-view.ts';
import { corrupt } from './media-fault.ts';

/** Frames of 4096 samples are some 16 KB at most; a file with larger ones says so. */
const TAIL_BYTES = 64 * 1024;

/** A FLAC frame is at most this; the format allows more, no encoder makes it. */
const FRAME_BYTES_MAX = 1024 * 1024;

interface StreamInfo {
  /** Samples in every block but the last; 0 where that varies. */
  readonly blockSamples: number;
  readonly frameBytesMax: number;
  /** 0 where it is not known. */
  readonly samples: number;
}

/**
 * Refuses a FLAC file whose last frame is not the last one its header speaks of.
 *
 * @throws ForgeError `CORRUPT_MEDIA`.
 */
export async function checkFlacTail(source: MediaSource, signal: AbortSignal): Promise<void> {
  const info = readStreamInfo(viewOf(await source.read(0, 42, signal)));
  if (!info || info.samples === 0) return;
  const tail = Math.max(TAIL_BYTES, Math.min(info.frameBytesMax * 2, FRAME_BYTES_MAX));
  const view = viewOf(await source.read(source.size - tail, source.size, signal));
  let frames = 0;
  for (let at = view.byteLength - 6; at >= 0; at -= 1) {
    const end = frameEnd(view, at, info.blockSamples);
    if (end === info.samples) return;
    // Audio may look like a header, but hardly like the last one: so look on.
    if (end !== null) frames += 1;
  }
  const all = source.size <= tail;
  if (frames > 0 || all) throw corrupt('the file ends before its last frame');
}

function readStreamInfo(view: DataView): StreamInfo | null {
  if (view.byteLength < 42 || fourLetters(view, 0) !== 'fLaC') return null;
  const [least, most] = [view.getUint16(8), view.getUint16(10)];
  return {
    blockSamples: least === most ? least : 0,
    frameBytesMax: view.getUint32(14) & 0xff_ffff,
    samples: (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22),
  };
}

/** The sample a frame ends with, or null where no frame begins here: the header has a checksum of its own. */
function frameEnd(view: DataView, at: number, blockSamples: number): number | null {
  const sync = view.getUint16(at);
  const number = sync === 0xfff8 || sync === 0xfff9 ? codedNumber(view, at + 4) : null;
  if (!number) return null;
  const codes = view.getUint8(at + 2);
  const crcAt = number.end + extraSizeBytes(codes >> 4) + extraRateBytes(codes & 15);
  if (crcAt >= view.byteLength || crc8(view, at, crcAt) !== view.getUint8(crcAt)) return null;
  const first = sync === 0xfff9 || blockSamples === 0 ? number.value : number.value * blockSamples;
  return first + frameSamples(view, codes >> 4, number.end);
}

/** Uncommon sizes and rates follow in full. */
function extraSizeBytes(code: number): number {
  return { 6: 1, 7: 2 }[code] ?? 0;
}

function extraRateBytes(code: number): number {
  return { 12: 1, 13: 2, 14: 2 }[code] ?? 0;
}

/** Source: RFC 9639, section 9.1.1. */
function frameSamples(view: DataView, code: number, at: number): number {
  if (code === 1) return 192;
  if (code >= 2 && code <= 5) return 144 * 2 ** code;
  if (code === 6) return view.getUint8(at) + 1;
  if (code === 7) return view.getUint16(at) + 1;
  return 2 ** code;
}

/** Like UTF-8, with up to 36 bits. */
function codedNumber(view: DataView, at: number): { value: number; end: number } | null {
  if (at >= view.byteLength) return null;
  const first = view.getUint8(at);
  const ones = Math.clz32(~first & 0xff) - 24;
  if (ones === 1 || ones === 8 || at + Math.max(ones, 1) > view.byteLength) return null;
  let value = first & (0x7f >> ones);
  for (let i = 1; i < ones; i += 1) {
    const byte = view.getUint8(at + i);
    if (byte >> 6 !== 2) return null;
    value = value * 64 + (byte & 63);
  }
  return { value, end: at + Math.max(ones, 1) };
}

function crc8(view: DataView, from: number, to: number): number {
  let crc = 0;
  for (let at = from; at < to; at += 1) {
    crc ^= view.getUint8(at);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 7) & 0xff : crc << 1;
  }
  return crc;
}
