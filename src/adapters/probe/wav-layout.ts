import type { MediaSource } from '#ports/media-source.ts';
import { fourLetters, viewOf } from './byte-view.ts';
import { layoutOfMask } from './channel-layouts.ts';

/** What comes before the format: a chunk of junk, or one of a broadcaster. */
const HEAD_BYTES = 16 * 1024;

/** A format that says in further bytes what it is. */
const EXTENSIBLE = 0xfffe;
const EXTENSIBLE_BYTES = 40;

/** Which speakers the channels of a WAV are for; null where it does not say. */
export async function readWavLayout(
  source: MediaSource,
  signal: AbortSignal,
): Promise<string | null> {
  const view = viewOf(await source.read(0, HEAD_BYTES, signal));
  for (let at = 12; at + 8 + EXTENSIBLE_BYTES <= view.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    if (fourLetters(view, at) === 'fmt ') {
      const isTold = size >= EXTENSIBLE_BYTES && view.getUint16(at + 8, true) === EXTENSIBLE;
      return isTold ? layoutOfMask(view.getUint32(at + 28, true)) : null;
    }
    at += 8 + size + (size % 2);
  }
  return null;
}
