import type { DurationSource } from '#domain/metadata.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { fourLetters, viewOf } from './byte-view.ts';
import { corrupt, unsupported } from './media-fault.ts';
import {
  type AudioFrame,
  adtsFrame,
  type FrameParser,
  isFreeFormat,
  mpegFrame,
} from './mpeg-audio-frame.ts';
import { readVbrHeader } from './vbr-header.ts';

/** Up to this every frame is counted; it is some 3 minutes of MP3. */
const COUNT_BYTES_MAX = 4 * 1024 * 1024;

/** Over it, the mean of this many windows, spread evenly, stands for the whole. */
const WINDOWS = 8;
const WINDOW_BYTES = 64 * 1024;

const ID3V1_BYTES = 128;
const APE_FOOTER_BYTES = 32;
const APE_HAS_HEADER = 0x8000_0000;

/** How long a stream of audio frames is, and how sure that is. */
export interface StreamLength {
  readonly seconds: number;
  readonly source: DurationSource;
  /** Bits per second, mean over the stream. */
  readonly bitRate: number;
}

interface Stream {
  readonly start: number;
  readonly end: number;
}

/**
 * The length of an MP3 file: as its Xing, Info or VBRI header says, else counted, else estimated.
 *
 * @throws ForgeError `CORRUPT_MEDIA` where the header speaks of more bytes than there are, `UNSUPPORTED_CONTAINER` where frames
 * do not say how long they are.
 */
export async function mp3Length(
  source: MediaSource,
  signal: AbortSignal,
): Promise<StreamLength | null> {
  const start = await afterId3(source, signal);
  const stream = { start, end: await beforeTags(source, signal) };
  const head = viewOf(await source.read(start, start + WINDOW_BYTES, signal));
  // ffmpeg, and most players, read none of these.
  if (isFreeFormat(head, 0))
    throw unsupported('an MP3 of free format, whose frames say no bit rate');
  const first = firstFrame(head, 0, mpegFrame);
  const declared = first && readVbrHeader(head, first.at);
  if (!first || !declared) return measure(source, stream, mpegFrame, signal);
  // A few bytes more or less are a matter of which tags an encoder counts.
  if (declared.bytes > (stream.end - start - first.at) * 1.01 + ID3V1_BYTES) {
    throw corrupt('the file ends before its header says');
  }
  const seconds = (declared.frames * first.frame.samples) / first.frame.sampleRate;
  // The frame with the header in it is silent, and not counted.
  const bytes = stream.end - start - first.at - first.frame.bytes;
  return { seconds, source: 'container', bitRate: (bytes * 8) / seconds };
}

/** The length of AAC in ADTS frames: nothing declares it. */
export async function adtsLength(
  source: MediaSource,
  signal: AbortSignal,
): Promise<StreamLength | null> {
  const start = await afterId3(source, signal);
  return measure(source, { start, end: source.size }, adtsFrame, signal);
}

/** Tags in front of the audio; there may be several. */
async function afterId3(source: MediaSource, signal: AbortSignal): Promise<number> {
  let at = 0;
  for (let tags = 0; tags < 8; tags += 1) {
    const head = await source.read(at, at + 10, signal);
    if (head.length < 10 || String.fromCharCode(...head.subarray(0, 3)) !== 'ID3') break;
    const size = head.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
    at += 10 + size + ((head[5] ?? 0) & 0x10 ? 10 : 0);
  }
  return at;
}

/** Where the audio ends: behind it may come an APE tag, and behind that one of the first form of ID3. */
async function beforeTags(source: MediaSource, signal: AbortSignal): Promise<number> {
  const from = Math.max(0, source.size - ID3V1_BYTES - APE_FOOTER_BYTES);
  const tail = viewOf(await source.read(from, source.size, signal));
  const id3 = tail.byteLength - ID3V1_BYTES;
  const isTagged = id3 >= 0 && fourLetters(tail, id3).startsWith('TAG');
  const end = source.size - (isTagged ? ID3V1_BYTES : 0);
  const footer = end - APE_FOOTER_BYTES - from;
  if (footer < 0 || fourLetters(tail, footer) !== 'APET') return end;
  const head = tail.getUint32(footer + 20, true) & APE_HAS_HEADER ? APE_FOOTER_BYTES : 0;
  const start = end - tail.getUint32(footer + 12, true) - head;
  return start >= 0 ? start : end;
}

/** A frame counts as found where another one follows it. */
function firstFrame(
  view: DataView,
  from: number,
  parse: FrameParser,
): { at: number; frame: AudioFrame } | null {
  for (let at = from; at + 4 <= view.byteLength; at += 1) {
    const frame = parse(view, at);
    if (!frame) continue;
    const next = at + frame.bytes;
    if (next >= view.byteLength || parse(view, next)?.sampleRate === frame.sampleRate) {
      return { at, frame };
    }
  }
  return null;
}

async function measure(
  source: MediaSource,
  { start, end }: Stream,
  parse: FrameParser,
  signal: AbortSignal,
): Promise<StreamLength | null> {
  const length = end - start;
  if (length <= COUNT_BYTES_MAX) {
    const { seconds } = tally(viewOf(await source.read(start, end, signal)), parse);
    return seconds > 0 ? { seconds, source: 'stream', bitRate: (length * 8) / seconds } : null;
  }
  const sum = { seconds: 0, bytes: 0 };
  for (let i = 0; i < WINDOWS; i += 1) {
    const at = start + Math.floor(((length - WINDOW_BYTES) * i) / (WINDOWS - 1));
    const seen = tally(viewOf(await source.read(at, at + WINDOW_BYTES, signal)), parse);
    sum.seconds += seen.seconds;
    sum.bytes += seen.bytes;
  }
  if (sum.bytes === 0) return null;
  const bitRate = (sum.bytes * 8) / sum.seconds;
  return { seconds: (length * 8) / bitRate, source: 'estimated', bitRate };
}

/** The whole frames in a view; what is no frame is stepped over. */
function tally(view: DataView, parse: FrameParser): { seconds: number; bytes: number } {
  const sum = { seconds: 0, bytes: 0 };
  let found = firstFrame(view, 0, parse);
  while (found) {
    let { at } = found;
    for (let frame = parse(view, at); frame; frame = parse(view, at)) {
      at += frame.bytes;
      if (at > view.byteLength) return sum;
      sum.bytes += frame.bytes;
      sum.seconds += frame.samples / frame.sampleRate;
    }
    found = firstFrame(view, at + 1, parse);
  }
  return sum;
}
