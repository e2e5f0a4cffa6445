import type { MediaSource, ReadCost } from '#ports/media-source.ts';
import { PACKET_BYTES, PACKETS_LOOKED_AT, SYNC } from './transport-units.ts';

/** A time in front of every packet, as Blu-ray discs and camcorders write it (M2TS). */
const STAMP_BYTES = 4;
const STAMPED_BYTES = STAMP_BYTES + PACKET_BYTES;

/**
 * The source, without the times in front of the packets where there are any: MediaInfo takes
 * such a file for none that it knows.
 */
export async function withoutStamps(
  source: MediaSource,
  signal: AbortSignal,
): Promise<MediaSource> {
  const head = await source.read(0, PACKETS_LOOKED_AT * STAMPED_BYTES, signal);
  return isStamped(head) ? new StampedPackets(source) : source;
}

function isStamped(head: Uint8Array): boolean {
  const packets = Math.floor(head.length / STAMPED_BYTES);
  // One that begins with a packet may have this byte there by accident.
  if (packets === 0 || (head[0] === SYNC && head[PACKET_BYTES] === SYNC)) return false;
  return Array.from({ length: packets }).every(
    (_, n) => head[n * STAMPED_BYTES + STAMP_BYTES] === SYNC,
  );
}

/** Packets of a transport stream one behind the other. What is left of one at the end is none. */
class StampedPackets implements MediaSource {
  readonly #source: MediaSource;

  constructor(source: MediaSource) {
    this.#source = source;
  }

  get size(): number {
    return Math.floor(this.#source.size / STAMPED_BYTES) * PACKET_BYTES;
  }

  get etag(): string {
    return this.#source.etag;
  }

  get cost(): ReadCost {
    return this.#source.cost;
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    const [from, to] = [Math.max(0, start), Math.min(end, this.size)];
    if (to <= from) return new Uint8Array();
    const first = Math.floor(from / PACKET_BYTES);
    const last = Math.ceil(to / PACKET_BYTES);
    const stamped = await this.#source.read(first * STAMPED_BYTES, last * STAMPED_BYTES, signal);
    const packets = new Uint8Array((last - first) * PACKET_BYTES);
    for (let n = 0; n < last - first; n += 1) {
      const at = n * STAMPED_BYTES + STAMP_BYTES;
      packets.set(stamped.subarray(at, at + PACKET_BYTES), n * PACKET_BYTES);
    }
    return packets.subarray(from - first * PACKET_BYTES, to - first * PACKET_BYTES);
  }

  /** The object's own bytes: whoever copies it wants them as they are. */
  stream(signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#source.stream(signal);
  }
}
