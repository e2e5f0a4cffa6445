/** Behind the signature of a PNG. */
const FIRST_CHUNK = 8;

/** Length, name and checksum of a chunk. */
const CHUNK_BYTES = 12;

/** The frames of a PNG: as many as it says it has, where it moves, else 1. */
export function countPngFrames(png: Uint8Array): number {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = FIRST_CHUNK; at + CHUNK_BYTES <= view.byteLength; ) {
    const name = String.fromCharCode(...png.subarray(at + 4, at + 8));
    // It has to say so before the picture.
    if (name === 'IDAT') return 1;
    if (name === 'acTL') return Math.max(1, view.getUint32(at + 8));
    at += CHUNK_BYTES + view.getUint32(at);
  }
  return 1;
}
