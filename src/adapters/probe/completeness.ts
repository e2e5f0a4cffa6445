import type { MediaSource } from '#ports/media-source.ts';
import { mp3Length } from './audio-frames.ts';
import { fourLetters, viewOf } from './byte-view.ts';
import { checkFlacTail } from './flac-tail.ts';
import { readFlvTail } from './flv-tail.ts';
import { readFragments } from './iso-fragments.ts';
import { readIsoIndex } from './iso-index.ts';
import { readMatroskaHead } from './matroska-head.ts';
import { corrupt, parsing } from './media-fault.ts';
import { oggPageAt, PAGE_HEADER_BYTES } from './ogg-streams.ts';

/** The largest Ogg page, and a little more. */
const OGG_TAIL_BYTES = 66 * 1024;

/** Writers that could not go back leave sizes like these. */
const STREAMED_SIZE_MIN = 0x7fff_f000;

/** Chunks before the audio of a WAV file: a handful in any honest one. */
const WAV_CHUNKS_MAX = 64;

type Check = (source: MediaSource, signal: AbortSignal) => Promise<unknown>;

/** How each container says where it ends. One that is absent here doesn't say. */
const CHECKS: Readonly<Record<string, Check>> = {
  mp4: checkIso,
  mov: checkIso,
  matroska: readMatroskaHead,
  webm: readMatroskaHead,
  mp3: mp3Length,
  wav: checkWav,
  avi: checkAvi,
  flv: readFlvTail,
  ogg: checkOgg,
  flac: checkFlacTail,
};

/**
 * Refuses a file that ends before it says it does: engines report the duration it had when it was whole.
 *
 * @throws ForgeError `CORRUPT_MEDIA`.
 */
export async function assertComplete(
  source: MediaSource,
  container: string,
  signal: AbortSignal,
): Promise<void> {
  await parsing(async () => CHECKS[container]?.(source, signal));
}

async function checkIso(source: MediaSource, signal: AbortSignal): Promise<void> {
  const { fragments } = await readIsoIndex(source, signal);
  if (fragments) await readFragments(source, fragments, signal);
}

async function checkWav(source: MediaSource, signal: AbortSignal): Promise<void> {
  for (let at = 12, chunks = 0; at + 8 <= source.size && chunks < WAV_CHUNKS_MAX; chunks += 1) {
    const view = viewOf(await source.read(at, at + 8, signal));
    const size = view.getUint32(4, true);
    // The form of it with 64-bit sizes (RF64) has all ones here.
    if (size >= STREAMED_SIZE_MIN) return;
    if (fourLetters(view, 0) === 'data' && at + 8 + size > source.size) {
      throw corrupt('the file ends before its audio does');
    }
    at += 8 + size + (size % 2);
  }
}

async function checkAvi(source: MediaSource, signal: AbortSignal): Promise<void> {
  const view = viewOf(await source.read(0, 12, signal));
  if (view.byteLength < 12 || fourLetters(view, 0) !== 'RIFF') return;
  const size = view.getUint32(4, true);
  if (size < STREAMED_SIZE_MIN && 8 + size > source.size) {
    throw corrupt('the file ends before its first part does');
  }
}

/** A cut falls into a page. Whole pages without an end mark are a recording that was stopped. */
async function checkOgg(source: MediaSource, signal: AbortSignal): Promise<void> {
  const from = Math.max(0, source.size - OGG_TAIL_BYTES);
  const view = viewOf(await source.read(from, source.size, signal));
  for (let at = view.byteLength - PAGE_HEADER_BYTES; at >= 0; at -= 1) {
    const page = oggPageAt(view, at);
    if (!page || page.flags > 7) continue;
    if (page.end > view.byteLength) throw corrupt('the last page is cut off');
    return;
  }
}
