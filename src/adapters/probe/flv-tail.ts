import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { FIRST_TAG, flvTagAt, TAG_HEADER_BYTES } from './flv-tags.ts';
import { corrupt } from './media-fault.ts';

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
  const head = viewOf(await source.read(0, FIRST_TAG, signal));
  if (head.byteLength < FIRST_TAG || head.getUint32(0) >>> 8 !== FLV) return null;
  const size = viewOf(await source.read(source.size - 4, source.size, signal)).getUint32(0);
  const at = source.size - 4 - size;
  if (size < TAG_HEADER_BYTES || at < FIRST_TAG) throw corrupt('the file does not end with a tag');
  const tag = flvTagAt(viewOf(await source.read(at, at + TAG_HEADER_BYTES, signal)), 0);
  if (!TAG_TYPES.includes(tag.type) || tag.bytes + TAG_HEADER_BYTES !== size) {
    throw corrupt('the last tag is cut off');
  }
  return tag.milliseconds / 1000;
}
