import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { type FrameFacts, type FrameTime, frameFacts } from './frame-times.ts';

/** The first tags: some seconds, or all of a short clip. */
const SAMPLE_BYTES = 512 * 1024;

/** The header of the file, and the size of the tag that is not before the first one. */
export const FIRST_TAG = 13;

/** Rounding moves each end of a distance by one. */
const ROUNDED_TICKS = 2;

export const TAG_HEADER_BYTES = 11;

const VIDEO = 9;
const SCRIPT = 18;

const AVC = 7;
const AVC_FRAME = 1;
const KEY_FRAME = 1;
/** No frame, but a word to the player. */
const COMMAND_FRAME = 5;
/** A header that says its codec by four letters, and is longer. */
const EXTENDED = 0x80;

/** Length and letters of a name in ActionScript's own encoding, and that a double follows. */
const DURATION = [0, 8, ...new TextEncoder().encode('duration'), 0];

/** What the first tags of an FLV file tell. */
export interface FlvTags {
  /** What the header says; null where it says nothing. */
  readonly declaredSeconds: number | null;
  /** When the first tag begins. */
  readonly firstSeconds: number;
  readonly video: FrameFacts;
}

/** What the header of one tag says. */
export interface FlvTag {
  readonly type: number;
  /** Of what comes behind the header. */
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Reads the first tags of an FLV file. */
export async function readFlvTags(source: MediaSource, signal: AbortSignal): Promise<FlvTags> {
  const view = viewOf(await source.read(0, SAMPLE_BYTES, signal));
  const frames: FrameTime[] = [];
  const ticks: number[] = [];
  let declaredSeconds: number | null = null;
  let isKnown = true;
  let at = FIRST_TAG;
  while (at + TAG_HEADER_BYTES + 5 <= view.byteLength) {
    const { type, bytes, milliseconds } = flvTagAt(view, at);
    const body = at + TAG_HEADER_BYTES;
    if (type === SCRIPT) declaredSeconds ??= declaredIn(view, body, body + bytes);
    else ticks.push(milliseconds);
    if (type === VIDEO) {
      isKnown &&= (view.getUint8(body) & EXTENDED) === 0;
      const frame = frameAt(view, body, milliseconds);
      if (frame) frames.push(frame);
    }
    at = body + bytes + 4;
  }
  const whole = at >= source.size;
  const seen = { frames, secondsPerTick: 1 / 1000, roundedTicks: ROUNDED_TICKS, whole };
  return {
    declaredSeconds,
    firstSeconds: (ticks[0] ?? 0) / 1000,
    video: isKnown ? frameFacts(seen) : {},
  };
}

/** The header of the tag that begins here. */
export function flvTagAt(view: DataView, at: number): FlvTag {
  return {
    // The upper three bits say whether it is encrypted.
    type: view.getUint8(at) & 0x1f,
    bytes: view.getUint32(at) & 0xff_ffff,
    // The highest eight bits come last.
    milliseconds: ((view.getUint8(at + 7) << 24) | (view.getUint32(at + 4) >>> 8)) >>> 0,
  };
}

/** A frame of H.264 is shown some time after its tag's; what else comes in such tags is none. */
function frameAt(view: DataView, body: number, time: number): FrameTime | null {
  const kind = view.getUint8(body) >> 4;
  const isAvc = (view.getUint8(body) & 0x0f) === AVC;
  if (kind === COMMAND_FRAME || (isAvc && view.getUint8(body + 1) !== AVC_FRAME)) return null;
  const later = isAvc ? (view.getInt32(body + 1) << 8) >> 8 : 0;
  return { ticks: time + later, isKey: kind === KEY_FRAME };
}

function declaredIn(view: DataView, from: number, to: number): number | null {
  const until = Math.min(to, view.byteLength) - DURATION.length - 8;
  for (let at = from; at <= until; at += 1) {
    if (!DURATION.every((byte, i) => view.getUint8(at + i) === byte)) continue;
    const seconds = view.getFloat64(at + DURATION.length);
    return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  }
  return null;
}
