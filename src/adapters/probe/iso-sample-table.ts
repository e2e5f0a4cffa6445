import { type Box, boxAt, tableAt } from './iso-box.ts';
import { corrupt, tooComplex } from './media-fault.ts';

/** 46 hours of 30 frames a second; only tables that have to be unrolled are held to it. */
const SAMPLES_MAX = 5_000_000;

/** Durations of fewer units than this are not rounded: a frame of two in place of one is a frame that is missing. */
const ROUNDED_UNITS_MIN = 10;

/** What a sample table says of one track, without its samples. */
export interface SampleTable {
  readonly count: number;
  readonly bytes: number;
  /** Sum of all durations, in units of the track's timescale. */
  readonly units: number;
  /** Whether all samples but the last last equally long, but for rounding. */
  readonly steady: boolean;
  /** From one key frame to the next, or to the end, at most. */
  readonly keyFrameSamples: number;
  /** Where the last sample ends in the file. */
  readonly end: number;
}

interface Sizes {
  readonly count: number;
  /** Bytes of the samples `from` to `to`, `to` excluded. */
  sum(from: number, to: number): number;
}

/** Reads `stbl`: counts and sums, in one pass over each table. */
export function readSampleTable(view: DataView, stbl: Box): SampleTable {
  const { units, steady } = readTimes(view, stbl);
  const sizes = readSizes(view, stbl);
  const chunks = readChunks(view, stbl);
  const runs = readRuns(view, stbl, chunks.count);
  if (sizes.count > 0 && (chunks.count === 0 || runs.count === 0)) {
    throw corrupt('the index does not say where the samples are');
  }
  let end = 0;
  let bytes = 0;
  let sample = 0;
  let run = 0;
  for (let chunk = 0; chunk < chunks.count && sample < sizes.count; chunk += 1) {
    const next = runs.first + (run + 1) * 12;
    if (run + 1 < runs.count && view.getUint32(next) === chunk + 1) run += 1;
    const perChunk = view.getUint32(runs.first + run * 12 + 4);
    const last = Math.min(sample + perChunk, sizes.count);
    const chunkBytes = sizes.sum(sample, last);
    end = Math.max(end, chunks.offset(chunk) + chunkBytes);
    bytes += chunkBytes;
    sample = last;
  }
  // Samples that are in no chunk count as well.
  bytes += sizes.sum(sample, sizes.count);
  const keyFrameSamples = readKeyFrames(view, stbl, sizes.count);
  return { count: sizes.count, bytes, units, end, steady, keyFrameSamples };
}

/** Engines unroll this table where there are composition offsets: a few bytes in it could ask for gigabytes. */
function readTimes(view: DataView, stbl: Box): { units: number; steady: boolean } {
  const offsets = tableAt(view, boxAt(view, stbl, 'ctts'), 4, 8);
  const { count, first } = tableAt(view, boxAt(view, stbl, 'stts'), 4, 8);
  let samples = 0;
  let units = 0;
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 0];
  for (let at = first; at < first + count * 8; at += 8) {
    const run = view.getUint32(at);
    samples += run;
    const each = view.getUint32(at + 4);
    units += run * each;
    const isLast = run === 1 && at + 8 === first + count * 8 && at > first;
    if (isLast) continue;
    shortest = Math.min(shortest, each);
    longest = Math.max(longest, each);
  }
  if (offsets.count > 0 && samples > SAMPLES_MAX) throw tooComplex(`a track of ${samples} samples`);
  const rounding = shortest >= ROUNDED_UNITS_MIN ? 1 : 0;
  return { units, steady: longest - shortest <= rounding };
}

/** Where there is no table, every sample is one. */
function readKeyFrames(view: DataView, stbl: Box, samples: number): number {
  const stss = boxAt(view, stbl, 'stss');
  if (!stss) return Math.min(samples, 1);
  const { count, first } = tableAt(view, stss, 4, 4);
  let [before, longest] = [1, 0];
  for (let at = first; at < first + count * 4; at += 4) {
    const next = view.getUint32(at);
    longest = Math.max(longest, next - before);
    before = next;
  }
  return Math.max(longest, samples + 1 - before);
}

/** And this one, for uncompressed audio. One entry past the last chunk is seen in honest files. */
function readRuns(view: DataView, stbl: Box, chunks: number): { count: number; first: number } {
  const runs = tableAt(view, boxAt(view, stbl, 'stsc'), 4, 12);
  let before = 0;
  for (let at = runs.first; at < runs.first + runs.count * 12; at += 12) {
    const first = view.getUint32(at);
    if (first <= before || first > chunks + 1) {
      throw corrupt('the index names chunks that are not there');
    }
    before = first;
  }
  return runs;
}

function readSizes(view: DataView, stbl: Box): Sizes {
  const compact = boxAt(view, stbl, 'stz2');
  if (compact) return readCompactSizes(view, compact);
  const box = boxAt(view, stbl, 'stsz');
  const constant = box && box.start + 8 <= box.end ? view.getUint32(box.start + 4) : 0;
  const { count, first } = tableAt(view, box, 8, constant > 0 ? 0 : 4);
  if (constant > 0) return { count, sum: (from, to) => (to - from) * constant };
  return eachSized(count, (i) => view.getUint32(first + i * 4));
}

function readCompactSizes(view: DataView, box: Box): Sizes {
  const bits = box.start + 8 <= box.end ? view.getUint8(box.start + 7) : 0;
  if (![4, 8, 16].includes(bits)) throw corrupt('a table of sample sizes is malformed');
  const { count, first } = tableAt(view, box, 8, bits / 8);
  return eachSized(count, (i) => {
    if (bits === 16) return view.getUint16(first + i * 2);
    if (bits === 8) return view.getUint8(first + i);
    return (view.getUint8(first + (i >> 1)) >> (i % 2 === 0 ? 4 : 0)) & 15;
  });
}

function eachSized(count: number, sizeOf: (sample: number) => number): Sizes {
  const sum = (from: number, to: number): number => {
    let bytes = 0;
    for (let i = from; i < to; i += 1) bytes += sizeOf(i);
    return bytes;
  };
  return { count, sum };
}

function readChunks(
  view: DataView,
  stbl: Box,
): { count: number; offset: (chunk: number) => number } {
  const wide = boxAt(view, stbl, 'co64');
  if (wide) {
    const { count, first } = tableAt(view, wide, 4, 8);
    return { count, offset: (chunk) => Number(view.getBigUint64(first + chunk * 8)) };
  }
  const { count, first } = tableAt(view, boxAt(view, stbl, 'stco'), 4, 4);
  return { count, offset: (chunk) => view.getUint32(first + chunk * 4) };
}
