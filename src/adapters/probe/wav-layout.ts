import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { layoutOfMask } from './channel-layouts.ts';
import { chunks } from './riff-chunks.ts';

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
  const format = [...chunks(view, 12)].find(({ id }) => id === 'fmt ');
  if (!format) return null;
  const { start, end } = format;
  const isWhole = Math.min(end, view.byteLength) - start >= EXTENSIBLE_BYTES;
  const isTold = isWhole && view.getUint16(start, true) === EXTENSIBLE;
  return isTold ? layoutOfMask(view.getUint32(start + 20, true)) : null;
}
