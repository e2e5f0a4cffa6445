import type { MediaSource } from '#ports/media-source.ts';
import { viewOf } from './byte-view.ts';
import { type Element, type Extent, elementAt, elements, text, unsigned } from './ebml.ts';
import { type BlockPlan, CLUSTER } from './matroska-blocks.ts';
import { type CroppedPicture, croppedPicture } from './matroska-picture.ts';
import { corrupt } from './media-fault.ts';

/** What is looked at lies at the start; the engine reads the rest. */
const HEAD_BYTES = 64 * 1024;

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TITLE = 0x7ba9;
const TIMESTAMP_SCALE = 0x2ad7b1;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const CODEC_ID = 0x86;
const DEFAULT_DURATION = 0x23e383;
const VIDEO_SETTINGS = 0xe0;
const SEEK_HEAD = 0x114d9b74;
const SEEK = 0x4dbb;
const SEEK_ID = 0x53ab;
const SEEK_POSITION = 0x53ac;
const CHAPTERS = 0x1043a770;

/** What a track is where it is a picture that moves. */
const VIDEO = 1;

/** Of a file that does not say otherwise. */
const NANOSECONDS_PER_TICK = 1_000_000;

/** Between the list of tracks and the first cluster: cues, tags, attachments. */
const ELEMENTS_BEFORE_CLUSTERS_MAX = 16;

/** What the engine does not say of a Matroska or WebM file. */
export interface MatroskaHead {
  readonly title: string | null;
  /** Nanoseconds a frame lasts, by track number. */
  readonly frameNanoseconds: ReadonlyMap<number, number>;
  /** Pictures of which not all is shown, by track number. */
  readonly pictures: ReadonlyMap<number, CroppedPicture>;
  /** Whether there are chapters; null where the file has no list of what is in it. */
  readonly hasChapters: boolean | null;
  /** Where the frames are; null where they are too far away. */
  readonly blocks: BlockPlan | null;
}

/**
 * Reads the start of a Matroska file.
 *
 * @throws ForgeError `CORRUPT_MEDIA` where the segment says it is longer than the file.
 */
export async function readMatroskaHead(
  source: MediaSource,
  signal: AbortSignal,
): Promise<MatroskaHead> {
  const view = viewOf(await source.read(0, HEAD_BYTES, signal));
  const segment = find(view, { start: 0, end: view.byteLength }, SEGMENT);
  if (segment?.end && segment.end > source.size) throw corrupt('the file ends before its segment');
  const inside = { start: segment?.start ?? 0, end: segment ? segment.end : 0 };
  const info = find(view, inside, INFO);
  const title = find(view, info, TITLE);
  const { frameNanoseconds, pictures, videos } = await findTracks(source, view, inside, signal);
  const ticks = unsigned(view, find(view, info, TIMESTAMP_SCALE));
  const secondsPerTick = (ticks || NANOSECONDS_PER_TICK) / 1e9;
  const start = videos.size > 0 ? await firstCluster(source, inside.start, signal) : null;
  return {
    title: title && text(view, title),
    frameNanoseconds,
    pictures,
    hasChapters: seeks(view, inside, CHAPTERS),
    blocks: start === null ? null : { start, secondsPerTick, videos },
  };
}

/** Editors that find no room for the list of tracks put it at the end. */
async function findTracks(
  source: MediaSource,
  view: DataView,
  inside: Extent,
  signal: AbortSignal,
) {
  const near = find(view, inside, TRACKS);
  const entry = near ? null : seekTo(view, inside, TRACKS);
  const at = entry && inside.start + unsigned(view, find(view, entry, SEEK_POSITION));
  if (at === null || at >= source.size) return readTracks(view, near);
  const there = viewOf(await source.read(at, at + HEAD_BYTES, signal));
  const tracks = elementAt(there, 0);
  return readTracks(there, tracks?.id === TRACKS ? tracks : null);
}

function readTracks(view: DataView, tracks: Extent | null) {
  const pictures = new Map<number, CroppedPicture>();
  const frameNanoseconds = new Map<number, number>();
  const videos = new Map<number, string>();
  for (const entry of elements(view, tracks)) {
    if (entry.id !== TRACK_ENTRY) continue;
    const number = unsigned(view, find(view, entry, TRACK_NUMBER));
    const duration = unsigned(view, find(view, entry, DEFAULT_DURATION));
    if (duration > 0) frameNanoseconds.set(number, duration);
    const codecId = find(view, entry, CODEC_ID);
    const isVideo = unsigned(view, find(view, entry, TRACK_TYPE)) === VIDEO;
    if (!isVideo) continue;
    videos.set(number, codecId ? text(view, codecId) : '');
    const picture = croppedPicture(view, find(view, entry, VIDEO_SETTINGS));
    if (picture) pictures.set(number, picture);
  }
  return { frameNanoseconds, pictures, videos };
}

/** Where the first cluster begins; null where nothing leads there. */
async function firstCluster(
  source: MediaSource,
  from: number,
  signal: AbortSignal,
): Promise<number | null> {
  let at = from;
  for (let passed = 0; passed < ELEMENTS_BEFORE_CLUSTERS_MAX && at < source.size; passed += 1) {
    const element = elementAt(viewOf(await source.read(at, at + 16, signal)), 0);
    if (element?.id === CLUSTER) return at;
    if (!element || element.end === null) return null;
    at += element.end;
  }
  return null;
}

/** Whether the list of elements names one of an id, or it is there; null where there is neither. */
function seeks(view: DataView, segment: Extent, id: number): boolean | null {
  if (find(view, segment, id)) return true;
  return find(view, segment, SEEK_HEAD) ? seekTo(view, segment, id) !== null : null;
}

/** What the list of elements says of where one of an id is. */
function seekTo(view: DataView, segment: Extent, id: number): Element | null {
  const list = [...elements(view, find(view, segment, SEEK_HEAD))];
  const entries = list.filter((entry) => entry.id === SEEK);
  return entries.find((entry) => unsigned(view, find(view, entry, SEEK_ID)) === id) ?? null;
}

/** The first element of an id inside another one, before any cluster. */
function find(view: DataView, within: Extent | null, id: number): Element | null {
  for (const element of elements(view, within)) {
    if (element.id === id) return element;
    if (element.id === CLUSTER) return null;
  }
  return null;
}
