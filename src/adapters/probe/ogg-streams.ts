import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';

/** The first page of every stream comes before any other page; each is some hundred bytes. */
const HEAD_BYTES = 64 * 1024;

const OGGS = 0x4f676753;
const PAGE_HEADER_BYTES = 27;
const FIRST_PAGE_FLAG = 2;

/** Streams that describe the others. */
const SKELETON = 'fishead\0';

/** How many streams of sound, pictures or words an Ogg file begins with. */
export async function countOggStreams(source: MediaSource, signal: AbortSignal): Promise<number> {
  const view = viewOf(await source.read(0, HEAD_BYTES, signal));
  let streams = 0;
  for (let at = 0; at + PAGE_HEADER_BYTES <= view.byteLength; ) {
    if (view.getUint32(at) !== OGGS || !(view.getUint8(at + 5) & FIRST_PAGE_FLAG)) break;
    const segments = view.getUint8(at + 26);
    const body = at + PAGE_HEADER_BYTES + segments;
    if (body > view.byteLength) break;
    let bytes = 0;
    for (let i = at + PAGE_HEADER_BYTES; i < body; i += 1) bytes += view.getUint8(i);
    const name = new Uint8Array(view.buffer, view.byteOffset + body).subarray(0, SKELETON.length);
    if (String.fromCharCode(...name) !== SKELETON) streams += 1;
    at = body + bytes;
  }
  return streams;
}
