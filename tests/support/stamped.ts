const PACKET_BYTES = 188;

/** A transport stream with a time in front of every packet, as Blu-ray has them. */
export function stamped(plain: Uint8Array): Uint8Array {
  const packets = plain.length / PACKET_BYTES;
  const bytes = new Uint8Array(packets * (4 + PACKET_BYTES));
  for (let n = 0; n < packets; n += 1) {
    const at = n * (4 + PACKET_BYTES);
    new DataView(bytes.buffer).setUint32(at, n * 3000);
    bytes.set(plain.subarray(n * PACKET_BYTES, (n + 1) * PACKET_BYTES), at + 4);
  }
  return bytes;
}
