import { FileSource } from './file-source.ts';

/** A unit of sound or pictures of a transport stream that a test makes. */
export interface MadeUnit {
  readonly pid: number;
  /** What kind of stream it is of; a picture where it is not said. */
  readonly streamId?: number;
  /** Ticks of 90 kHz. */
  readonly pts: number;
  readonly dts?: number;
  readonly payload: Uint8Array;
}

const PACKET_BYTES = 188;
const WRAP = 2 ** 33;

/** A picture of H.264: its delimiter, and so many bytes of nothing. */
export function picture(bytes = 20): Uint8Array {
  return Buffer.concat([Buffer.from([0, 0, 0, 1, 9, 0xf0]), Buffer.alloc(bytes, 0xff)]);
}

/** Frames of AAC: 1024 samples at 48 kHz each. */
export function aacFrames(count: number, bytes = 100): Uint8Array {
  const frame = Buffer.alloc(bytes, 0x55);
  frame.set([0xff, 0xf1, 0x4c, 0x80, bytes >> 3, ((bytes & 7) << 5) | 0x1f, 0xfc]);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** The units one after the other, each packet with so many bytes in front of it and behind it. */
export function transportStream(
  units: readonly MadeUnit[],
  { before = 0, behind = 0 } = {},
): Uint8Array {
  const packets = units.flatMap((unit) => packetsOf(unit.pid, pesOf(unit)));
  const around = (bytes: number) => Buffer.alloc(bytes, 0x11);
  return Buffer.concat(packets.flatMap((packet) => [around(before), packet, around(behind)]));
}

/** A file that begins so and ends so, with packets of nothing in between: as large as you like. */
export function padded(head: Uint8Array, tail: Uint8Array, size: number): FileSource {
  const nothing = Buffer.alloc(PACKET_BYTES, 0xff).fill('471fff10', 0, 4, 'hex');
  const parts = [
    { at: 0, part: head },
    { at: size - tail.length, part: tail },
  ];
  return new FileSource((start, end) => {
    const bytes = Buffer.alloc(end - start + PACKET_BYTES, nothing).subarray(start % PACKET_BYTES);
    for (const { at, part } of parts) {
      const [from, to] = [Math.max(start, at), Math.min(end, at + part.length)];
      if (from < to) bytes.set(part.subarray(from - at, to - at), from - start);
    }
    return bytes.subarray(0, end - start);
  }, size);
}

function pesOf({ streamId = 0xe0, pts, dts, payload }: MadeUnit): Uint8Array {
  const times = dts === undefined ? timeOf(2, pts) : [...timeOf(3, pts), ...timeOf(1, dts)];
  const flags = dts === undefined ? 0x80 : 0xc0;
  return Buffer.concat([
    Buffer.from([0, 0, 1, streamId, 0, 0, 0x80, flags, times.length, ...times]),
    payload,
  ]);
}

function timeOf(kind: number, ticks: number): number[] {
  const time = BigInt((ticks + WRAP) % WRAP);
  const bits = (from: bigint, mask: bigint) => Number((time >> from) & mask);
  const [middle, low] = [bits(15n, 0x7fffn), bits(0n, 0x7fffn)];
  return [
    (kind << 4) | (bits(30n, 7n) << 1) | 1,
    middle >> 7,
    ((middle & 127) << 1) | 1,
    low >> 7,
    ((low & 127) << 1) | 1,
  ];
}

/** What a packet has too many it gives to an adaptation field. */
function packetsOf(pid: number, bytes: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const begins = at === 0 ? 0x40 : 0;
    const left = PACKET_BYTES - 4;
    const part = bytes.subarray(at, at + left);
    const stuffing = left - part.length;
    const field =
      stuffing === 0 ? [] : [stuffing - 1, ...Array.from({ length: stuffing - 1 }, () => 0xff)];
    const control = stuffing === 0 ? 0x10 : 0x30;
    packets.push(
      Buffer.concat([Buffer.from([0x47, begins | (pid >> 8), pid & 255, control, ...field]), part]),
    );
    at += part.length;
  }
  return packets;
}
