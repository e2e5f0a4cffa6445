/** What begins every packet of a transport stream. Source: ISO/IEC 13818-1. */
export const SYNC = 0x47;
export const PACKET_BYTES = 188;

/** Packets as they are, with a time in front (Blu-ray), and with error correction behind. */
const STRIDES = [188, 192, 204];

/** Of the clock, in a second. */
export const TICKS = 90_000;

/** So many in a row are no accident. */
export const PACKETS_LOOKED_AT = 8;

/** What belongs together of one stream of a transport stream: it begins in one packet and goes on in others. */
export type Unit = readonly Uint8Array[];

/** A unit of sound or pictures. Times are in ticks of 90 kHz, and begin anew every 26 hours. */
export interface TimedUnit {
  readonly streamId: number;
  readonly pts: number;
  /** When it is to be decoded. */
  readonly dts: number;
  readonly payload: Uint8Array;
}

/**
 * The units that begin in a piece of a transport stream, by the number of their stream, in order; the last ones may go on
 * behind it. Null where the packets cannot be told, or are no longer where they should be at the end.
 */
export function transportUnits(bytes: Uint8Array): ReadonlyMap<number, readonly Unit[]> | null {
  const grid = findGrid(bytes);
  if (!grid) return null;
  const units = new Map<number, Uint8Array[][]>();
  let isWhole = true;
  for (let at = grid.at; at + PACKET_BYTES <= bytes.length; at += grid.stride) {
    isWhole = bytes[at] === SYNC;
    if (isWhole) addPacket(units, bytes.subarray(at, at + PACKET_BYTES));
  }
  return isWhole ? units : null;
}

function findGrid(bytes: Uint8Array): { readonly at: number; readonly stride: number } | null {
  for (const stride of STRIDES) {
    const packets = Math.min(PACKETS_LOOKED_AT, Math.floor(bytes.length / stride) - 1);
    if (packets < 1) continue;
    for (let at = 0; at < stride; at += 1) {
      let n = 0;
      while (n < packets && bytes[at + n * stride] === SYNC) n += 1;
      if (n === packets) return { at, stride };
    }
  }
  return null;
}

function addPacket(units: Map<number, Uint8Array[][]>, packet: Uint8Array): void {
  const [, high = 0, low = 0, flags = 0, adaptation = 0] = packet;
  const isDamaged = (high & 0x80) !== 0;
  const isScrambled = (flags & 0xc0) !== 0;
  if (isDamaged || isScrambled || (flags & 0x10) === 0) return;
  const payload = packet.subarray(flags & 0x20 ? 5 + adaptation : 4);
  const pid = ((high & 0x1f) << 8) | low;
  const begins = (high & 0x40) !== 0;
  const known = units.get(pid);
  if (!begins) known?.at(-1)?.push(payload);
  else if (known) known.push([payload]);
  else units.set(pid, [[payload]]);
}

/** The unit as one of sound or pictures; null where it is none, or has no time. */
export function timedUnit(unit: Unit): TimedUnit | null {
  const bytes = unit.length === 1 ? (unit[0] ?? new Uint8Array()) : Buffer.concat(unit);
  if (bytes.length < 14 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 1) return null;
  const times = (bytes[7] ?? 0) >> 6;
  if (times < 2) return null;
  const pts = timeAt(bytes, 9);
  const payload = bytes.subarray(9 + (bytes[8] ?? 0));
  return { streamId: bytes[3] ?? 0, pts, dts: times === 3 ? timeAt(bytes, 14) : pts, payload };
}

/** 33 bits in five bytes, with markers in between. */
function timeAt(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes.subarray(at, at + 5);
  return ((a >> 1) & 7) * 2 ** 30 + (((b << 8) | c) >> 1) * 2 ** 15 + (((d << 8) | e) >> 1);
}
