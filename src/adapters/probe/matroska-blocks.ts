import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { type Element, elementAt, elements, unsigned, vint } from './ebml.ts';
import { type FrameFacts, type FrameTime, frameFacts } from './frame-times.ts';

/** Some seconds of most films, all of a short clip, and what the second engine reads anyway. */
const SAMPLE_BYTES = 512 * 1024;

/** Rounding moves each end of a distance by one. */
const ROUNDED_TICKS = 2;

/** What frames come in. */
export const CLUSTER = 0x1f43b675;

const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const REFERENCE_BLOCK = 0xfb;

const KEY_FLAG = 0x80;
const INVISIBLE_FLAG = 0x08;
const LACING_FLAGS = 0x06;

/** Where the frames of a Matroska file are, and those of which tracks are looked at. */
export interface BlockPlan {
  /** Of the first cluster. */
  readonly start: number;
  readonly secondsPerTick: number;
  /** Video tracks by their number: the names of their codecs. */
  readonly videos: ReadonlyMap<number, string>;
}

interface Block extends FrameTime {
  readonly track: number;
  /** Whether it is several frames, which have one time between them. */
  readonly isLaced: boolean;
  readonly isShown: boolean;
}

/** Looks at the first frames of a file, or at all of a short one: what they tell, by video track. */
export async function readMatroskaBlocks(
  source: MediaSource,
  { start, secondsPerTick, videos }: BlockPlan,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, FrameFacts>> {
  const view = viewOf(await source.read(start, start + SAMPLE_BYTES, signal));
  const seen = { blocks: [] as Block[], end: 0 };
  for (const { block, end } of walk(view, videos)) {
    if (block) seen.blocks.push(block);
    seen.end = end;
  }
  const whole = start + seen.end >= source.size;
  const facts = new Map<number, FrameFacts>();
  for (const track of videos.keys()) {
    const own = seen.blocks.filter((block) => block.track === track && block.isShown);
    if (own.some(({ isLaced }) => isLaced)) continue;
    facts.set(
      track,
      frameFacts({ frames: own, secondsPerTick, roundedTicks: ROUNDED_TICKS, whole }),
    );
  }
  return facts;
}

/** Every block of a video track, and how far that was. Clusters are entered and not stepped over: a live one tells no size. */
function* walk(
  view: DataView,
  videos: BlockPlan['videos'],
): Generator<{ readonly block: Block | null; readonly end: number }> {
  let clusterTicks = 0;
  for (let at = 0; at < view.byteLength; ) {
    const element = elementAt(view, at);
    const end = element?.id === CLUSTER ? element.start : element?.end;
    if (!element || end === null || end === undefined) return;
    if (element.id === TIMESTAMP) clusterTicks = unsigned(view, element);
    const block = blockIn(view, element);
    const codecId = videos.get(block?.track ?? -1);
    yield { block: block && codecId !== undefined ? told(block, codecId) : null, end };
    at = end;
  }

  function told(block: RawBlock, codecId: string): Block {
    return {
      ...block,
      ticks: clusterTicks + block.ticks,
      isShown: isShown(view, block, codecId),
    };
  }
}

interface RawBlock extends FrameTime {
  readonly track: number;
  readonly flags: number;
  readonly isLaced: boolean;
  /** Where its frame begins. */
  readonly frame: number;
}

/** A simple block, or that of a group: there it is a key frame where it refers to no other. Its time is within its cluster. */
function blockIn(view: DataView, element: Element): RawBlock | null {
  if (element.id === SIMPLE_BLOCK) return blockAt(view, element, null);
  if (element.id !== BLOCK_GROUP) return null;
  const inside = [...elements(view, element)];
  const block = inside.find(({ id }) => id === BLOCK);
  const refers = inside.some(({ id }) => id === REFERENCE_BLOCK);
  return block ? blockAt(view, block, !refers) : null;
}

function blockAt(view: DataView, { start }: Element, isKey: boolean | null): RawBlock | null {
  const track = vint(view, start, view.byteLength, true);
  const at = start + (track?.bytes ?? 0);
  if (!track || track.value === null || at + 3 > view.byteLength) return null;
  const flags = view.getUint8(at + 2);
  return {
    track: track.value,
    ticks: view.getInt16(at),
    isKey: isKey ?? (flags & KEY_FLAG) !== 0,
    flags,
    isLaced: (flags & LACING_FLAGS) !== 0,
    frame: at + 3,
  };
}

/** VP8 stores frames that others refer to and nobody sees: the fifth bit of a shown one is set. */
function isShown(view: DataView, { flags, frame }: RawBlock, codecId: string): boolean {
  if (flags & INVISIBLE_FLAG) return false;
  return codecId !== 'V_VP8' || frame >= view.byteLength || (view.getUint8(frame) & 0x10) !== 0;
}
