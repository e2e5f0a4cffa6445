import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';

/** The first page of every stream comes before any other page; each is some hundred bytes. */
const HEAD_BYTES = 64 * 1024;

const OGGS = 0x4f676753;

/** Up to the lengths of what is in it. */
export const PAGE_HEADER_BYTES = 27;
const FIRST_PAGE_FLAG = 2;

/** Streams that describe the others. */
const SKELETON = 'fishead\0';

/** One page, by its header; positions are into the bytes it was read from. */
export interface OggPage {
  /** Of 16 bits, the upper ones are a version, which is 0. */
  readonly flags: number;
  readonly body: number;
  readonly end: number;
}

/** How many streams of sound, pictures or words an Ogg file begins with. */
export async function countOggStreams(source: MediaSource, signal: AbortSignal): Promise<number> {
  const view = viewOf(await source.read(0, HEAD_BYTES, signal));
  let streams = 0;
  for (let at = 0; at + PAGE_HEADER_BYTES <= view.byteLength; ) {
    const page = oggPageAt(view, at);
    if (!page || !(page.flags & FIRST_PAGE_FLAG) || page.body > view.byteLength) break;
    const body = new Uint8Array(view.buffer, view.byteOffset + page.body);
    const name = body.subarray(0, SKELETON.length);
    if (String.fromCharCode(...name) !== SKELETON) streams += 1;
    at = page.end;
  }
  return streams;
}

/** The page that begins here; null where none does. Where the lengths in its header are cut off, it ends behind the view. */
export function oggPageAt(view: DataView, at: number): OggPage | null {
  if (view.getUint32(at) !== OGGS) return null;
  const body = at + PAGE_HEADER_BYTES + view.getUint8(at + 26);
  let end = body;
  for (let i = at + PAGE_HEADER_BYTES; i < Math.min(body, view.byteLength); i += 1) {
    end += view.getUint8(i);
  }
  return { flags: view.getUint16(at + 4), body, end };
}
