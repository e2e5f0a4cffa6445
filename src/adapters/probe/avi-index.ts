import type { MediaSource } from '#ports/media-source.ts';
import { fourLetters, viewOf } from './byte-view.ts';
import { type FrameFacts, type FrameTime, frameFacts } from './frame-times.ts';
import { type Chunk, chunks } from './riff-chunks.ts';

/** Headers of all streams, in any honest file. */
const HEAD_BYTES = 64 * 1024;

/** 131 072 chunks, some three quarters of an hour of pictures and sound; a longer index is left alone. */
const INDEX_BYTES_MAX = 2 * 1024 * 1024;

const ENTRY_BYTES = 16;
const KEY_FLAG = 0x10;

/** What header and index tell of one stream. Unknown is absent. */
export interface AviStream extends FrameFacts {
  readonly kind: 'video' | 'audio' | 'other';
  /** Bits per second. */
  readonly bitRate?: number;
}

interface StreamHead {
  readonly kind: AviStream['kind'];
  readonly secondsPerTick: number;
  /** Of what a tick is; 0 where it is a chunk. */
  readonly tickBytes: number;
}

/** The streams of an AVI file, in its order: counted where the index is of the whole file, and not too long. */
export async function readAviStreams(
  source: MediaSource,
  signal: AbortSignal,
): Promise<readonly AviStream[]> {
  const view = viewOf(await source.read(0, HEAD_BYTES, signal));
  if (view.byteLength < 12 || fourLetters(view, 8) !== 'AVI ') return [];
  const top = [...chunks(view, 12)];
  const heads = top.filter(({ id }) => id === 'LIST hdrl').flatMap((list) => readHeads(view, list));
  const media = top.find(({ id }) => id === 'LIST movi');
  const index = media && (await readIndex(source, media.end + (media.end % 2), signal));
  // A second part, over a gigabyte, is not in it.
  const single = 8 + view.getUint32(4, true) >= source.size - 1;
  return heads.map((head, stream) =>
    index && single ? counted(head, index, stream) : { kind: head.kind },
  );
}

async function readIndex(
  source: MediaSource,
  at: number,
  signal: AbortSignal,
): Promise<DataView | null> {
  const head = viewOf(await source.read(at, at + 8, signal));
  if (head.byteLength < 8 || fourLetters(head, 0) !== 'idx1') return null;
  const bytes = head.getUint32(4, true);
  if (bytes > INDEX_BYTES_MAX || at + 8 + bytes > source.size) return null;
  return viewOf(await source.read(at + 8, at + 8 + bytes, signal));
}

/** An empty chunk in place of a frame: the one before is shown on. */
function counted(head: StreamHead, index: DataView, stream: number): AviStream {
  const { kind, secondsPerTick, tickBytes } = head;
  const number = String(stream).padStart(2, '0');
  const frames: FrameTime[] = [];
  let bytes = 0;
  let ticks = 0;
  for (let at = 0; at + ENTRY_BYTES <= index.byteLength; at += ENTRY_BYTES) {
    const id = fourLetters(index, at);
    if (id.slice(0, 2) !== number || (kind === 'video' && !/d[bc]$/.test(id))) continue;
    const size = index.getUint32(at + 12, true);
    const isKey = (index.getUint32(at + 4, true) & KEY_FLAG) !== 0;
    if (size > 0) frames.push({ ticks, isKey });
    bytes += size;
    ticks += 1;
  }
  // Empty chunks of sound are padding, and silent; empty ones of pictures take time.
  const heard = tickBytes > 0 ? bytes / tickBytes : frames.length;
  const seconds = (kind === 'video' ? ticks : heard) * secondsPerTick;
  return {
    kind,
    ...(bytes > 0 && seconds > 0 && { bitRate: (bytes * 8) / seconds }),
    ...(kind === 'video' &&
      frameFacts({ frames, secondsPerTick, roundedTicks: 0, whole: true, endTicks: ticks })),
  };
}

const KINDS: Readonly<Record<string, AviStream['kind']>> = { vids: 'video', auds: 'audio' };

function readHeads(view: DataView, list: Chunk): StreamHead[] {
  const streams = [...chunks(view, list.start, list.end)].filter(({ id }) => id === 'LIST strl');
  return streams.flatMap((stream) => {
    const head = [...chunks(view, stream.start, stream.end)].find(({ id }) => id === 'strh');
    if (!head || head.end - head.start < 48 || head.end > view.byteLength) return [];
    const [scale, rate] = [20, 24].map((at) => view.getUint32(head.start + at, true));
    const secondsPerTick = scale && rate ? scale / rate : 0;
    return {
      kind: KINDS[fourLetters(view, head.start)] ?? 'other',
      secondsPerTick,
      tickBytes: view.getUint32(head.start + 44, true),
    };
  });
}
