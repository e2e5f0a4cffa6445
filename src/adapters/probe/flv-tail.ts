import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { corrupt } from './media-fault.ts';

/** The header of a file, and the field behind it: of what goes before the first tag. */
const HEAD_BYTES = 13;

/** The header of a tag. */
const TAG_BYTES = 11;

const FLV = 0x464c56;

/** Audio, video, and data. */
const TAG_TYPES = [8, 9, 18];

/**
 * When the last tag of an FLV file begins, in seconds: each tag is followed by its own size, so that a file can be read from
 * its end.
 *
 * @throws ForgeError `CORRUPT_MEDIA` where there is no tag at the end: it was cut off.
 */
export async function readFlvTail(
  source: MediaSource,
  signal: AbortSignal,
): Promise<number | null> {
  const head = viewOf(await source.read(0, HEAD_BYTES, signal));
  if (head.byteLength < HEAD_BYTES || head.getUint32(0) >>> 8 !== FLV) return null;
  const size = viewOf(await source.read(source.size - 4, source.size, signal)).getUint32(0);
  const at = source.size - 4 - size;
  if (size < TAG_BYTES || at < HEAD_BYTES) throw corrupt('the file does not end with a tag');
  const tag = viewOf(await source.read(at, at + TAG_BYTES, signal));
  // The upper three bits say whether it is encrypted.
  const isTag = TAG_TYPES.includes(tag.getUint8(0) & 0x1f);
  if (!isTag || (tag.getUint32(0) & 0xff_ffff) + TAG_BYTES !== size) {
    throw corrupt('the last tag is cut off');
  }
  // Milliseconds; the highest eight bits come last.
  return (((tag.getUint8(7) << 24) | (tag.getUint32(4) >>> 8)) >>> 0) / 1000;
}
