import type { MediaSource } from '#ports/media-source.ts';
import { fourLetters, viewOf } from './byte-view.ts';
import { type Box, boxAt, boxes, boxHeader, versionedNumber } from './iso-box.ts';
import { readEdits } from './iso-edits.ts';
import { readSampleTable, type SampleTable } from './iso-sample-table.ts';
import { corrupt, tooComplex, unsupported } from './media-fault.ts';
import { type Ratio, TRACKS_MAX } from './track-truth.ts';

/** Boxes before the index: a handful in any honest file. */
const BOXES_MAX = 1000;

/** An index at the end that is not longer than this is read in one go. */
const TAIL_BYTES = 1024 * 1024;

/** What the index says of one track. */
export interface IsoTrack extends SampleTable {
  readonly id: number;
  /** `vide`, `soun`, `text`, … */
  readonly handler: string;
  /** Units per second. */
  readonly timescale: number;
  /** What of it is presented; 0 where the index does not say. */
  readonly durationSeconds: number;
  /** Null where the track does not say. */
  readonly pixelAspect: Ratio | null;
  /** Whether its edit list does more than cut off what encoders put in front. */
  readonly hasEdits: boolean;
}

/** What samples of a fragment are like unless it says otherwise. */
export interface FragmentDefaults {
  readonly duration: number;
  readonly bytes: number;
}

/** The index of an ISO base media file (MP4, MOV): `moov`, and what follows from it. */
export interface IsoIndex {
  /** Of the whole presentation; null where it is not known before the fragments are. */
  readonly durationSeconds: number | null;
  readonly tracks: readonly IsoTrack[];
  /** Null where the samples are not in fragments. */
  readonly fragments: {
    readonly start: number;
    readonly defaults: ReadonlyMap<number, FragmentDefaults>;
  } | null;
}

/**
 * Finds and reads the index, first or last, at the cost of the index and one or two blocks.
 *
 * @throws ForgeError `CORRUPT_MEDIA` where there is none, or an empty or cut one, or where a sample lies past the end of the
 * file; `MEDIA_TOO_COMPLEX` where it asks for too much, `UNSUPPORTED_CONTAINER` where it is compressed.
 */
export async function readIsoIndex(source: MediaSource, signal: AbortSignal): Promise<IsoIndex> {
  const { start, end } = await findMoov(source, signal);
  const view = viewOf(await source.read(start, end, signal));
  const moov: Box = { type: 'moov', start: 0, end: view.byteLength };
  if (boxAt(view, moov, 'cmov')) throw unsupported('a compressed index, as QuickTime once made');
  const traks = [...boxes(view, moov.start, moov.end)].filter((box) => box.type === 'trak');
  if (traks.length === 0) throw corrupt('the index has no tracks');
  if (traks.length > TRACKS_MAX) throw tooComplex(`${traks.length} tracks`);
  const movie = times(view, boxAt(view, moov, 'mvhd'));
  const tracks = traks.map((trak) => readTrack(view, trak, movie.timescale));
  if (tracks.some((track) => track.end > source.size)) {
    throw corrupt('the file ends before the last sample of its index');
  }
  const mvex = boxAt(view, moov, 'mvex');
  // Writers of fragments leave `mehd` out as often as not.
  const units = mvex ? versionedNumber(view, boxAt(view, mvex, 'mehd')) : movie.duration;
  return {
    durationSeconds: secondsOf(units, movie.timescale),
    tracks,
    fragments: mvex && { start: end, defaults: readDefaults(view, mvex) },
  };
}

async function findMoov(
  source: MediaSource,
  signal: AbortSignal,
): Promise<{ start: number; end: number }> {
  let at = 0;
  for (let count = 0; at + 8 <= source.size; count += 1) {
    if (count > BOXES_MAX) throw tooComplex(`more than ${BOXES_MAX} boxes before the index`);
    const { type, start, end } = await topBox(source, at, signal);
    if (type === 'moov' && end > source.size) throw corrupt('the index is cut off');
    if (type === 'moov') return { start, end };
    at = end;
  }
  throw corrupt('there is no index: the file is not whole');
}

/** A box of the file itself; the last ones are read whole, since the index is likely among them. */
async function topBox(source: MediaSource, at: number, signal: AbortSignal): Promise<Box> {
  const rest = source.size - at;
  const view = viewOf(await source.read(at, at + (rest <= TAIL_BYTES ? rest : 16), signal));
  const { type, head, size } = boxHeader(view, 0);
  const end = size === 0 ? source.size : at + size;
  if (end < at + head) throw corrupt(`the '${type}' box is smaller than its header`);
  return { type, start: at + head, end };
}

/** Version 0 of `mvhd` and `mdhd` has 32-bit times, version 1 has 64-bit ones; all ones means unknown. */
function times(view: DataView, box: Box | null): { timescale: number; duration: number } {
  const bytes = box ? box.end - box.start : 0;
  if (!box || bytes < 20) return { timescale: 0, duration: 0 };
  if (view.getUint8(box.start) === 1 && bytes >= 32) {
    const duration = view.getBigUint64(box.start + 24);
    const unknown = duration === 0xffff_ffff_ffff_ffffn;
    return { timescale: view.getUint32(box.start + 20), duration: unknown ? 0 : Number(duration) };
  }
  const duration = view.getUint32(box.start + 16);
  return {
    timescale: view.getUint32(box.start + 12),
    duration: duration === 0xffff_ffff ? 0 : duration,
  };
}

function secondsOf(units: number | null, timescale: number): number | null {
  return units !== null && units > 0 && timescale > 0 ? units / timescale : null;
}

function readTrack(view: DataView, trak: Box, movieTimescale: number): IsoTrack {
  const tkhd = boxAt(view, trak, 'tkhd');
  const hdlr = boxAt(view, trak, 'mdia', 'hdlr');
  const stbl = boxAt(view, trak, 'mdia', 'minf', 'stbl');
  if (!tkhd || !stbl || !hdlr || tkhd.end - tkhd.start < 24 || hdlr.end - hdlr.start < 12) {
    throw corrupt('a track of the index is not whole');
  }
  const handler = fourLetters(view, hdlr.start + 8);
  const { timescale, duration } = times(view, boxAt(view, trak, 'mdia', 'mdhd'));
  const table = readSampleTable(view, stbl);
  const media = secondsOf(table.units || duration, timescale) ?? 0;
  // An edit list cuts off what encoders put in front; it cannot present more than there is.
  const scales = { movie: movieTimescale, track: timescale, mediaSeconds: media };
  const { shownUnits, hasEdits } = readEdits(view, trak, scales);
  const edited = secondsOf(shownUnits, movieTimescale) ?? media;
  return {
    id: view.getUint32(tkhd.start + (view.getUint8(tkhd.start) === 1 ? 20 : 12)),
    handler,
    timescale,
    durationSeconds: Math.min(edited, media),
    hasEdits,
    ...table,
    pixelAspect: handler === 'vide' ? readPixelAspect(view, stbl) : null,
  };
}

/** `pasp` in the first sample entry, whose fixed part is 78 bytes. */
function readPixelAspect(view: DataView, stbl: Box): Ratio | null {
  const stsd = boxAt(view, stbl, 'stsd');
  const entry = stsd && boxes(view, stsd.start + 8, stsd.end).next().value;
  const pasp = entry && boxAt(view, { ...entry, start: entry.start + 78 }, 'pasp');
  if (!pasp || pasp.end - pasp.start < 8) return null;
  const across = view.getUint32(pasp.start);
  const down = view.getUint32(pasp.start + 4);
  return across > 0 && down > 0 ? [across, down] : null;
}

function readDefaults(view: DataView, mvex: Box): ReadonlyMap<number, FragmentDefaults> {
  const defaults = new Map<number, FragmentDefaults>();
  for (const trex of boxes(view, mvex.start, mvex.end)) {
    if (trex.type !== 'trex' || trex.end - trex.start < 24) continue;
    const [duration, bytes] = [view.getUint32(trex.start + 12), view.getUint32(trex.start + 16)];
    defaults.set(view.getUint32(trex.start + 4), { duration, bytes });
  }
  return defaults;
}
