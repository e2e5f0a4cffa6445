import { type Box, boxAt, boxes, versionedNumber } from './iso-box.ts';
import type { FragmentDefaults } from './iso-index.ts';
import { corrupt, tooComplex } from './media-fault.ts';

/** Different durations that are told apart; with more of them no rate is steady. */
const DURATIONS_MAX = 256;

/** The first sample of a recording and the last one of a fragment often are odd. */
const STEADY_SHARE = 0.9;

/** Samples of a run that says nothing about each of them. */
const RUN_SAMPLES_MAX = 1_000_000;

/** What the fragments read so far say of one track. Times are units of its timescale. */
export interface Span {
  start: number;
  end: number;
  /** Of the samples that were read; what lies between fragments that were not is not in it. */
  samples: number;
  bytes: number;
  units: number;
  /** How many samples last how long. */
  readonly durations: Map<number, number>;
}

/** Adds what one `moof` says to what is known, track by track. */
export function readMoof(
  view: DataView,
  defaults: ReadonlyMap<number, FragmentDefaults>,
  spans: Map<number, Span>,
): void {
  for (const traf of boxes(view, 0, view.byteLength)) {
    if (traf.type === 'traf') readTraf(view, traf, defaults, spans);
  }
}

function readTraf(
  view: DataView,
  traf: Box,
  defaults: ReadonlyMap<number, FragmentDefaults>,
  spans: Map<number, Span>,
): void {
  const tfhd = boxAt(view, traf, 'tfhd');
  if (!tfhd || tfhd.end - tfhd.start < 8) throw corrupt('a fragment does not say what it is of');
  const id = view.getUint32(tfhd.start + 4);
  const own = readTfhd(view, tfhd, defaults.get(id) ?? { duration: 0, bytes: 0 });
  const known = spans.get(id);
  const start = versionedNumber(view, boxAt(view, traf, 'tfdt')) ?? known?.end ?? 0;
  const span = known ?? { start, end: start, samples: 0, bytes: 0, units: 0, durations: new Map() };
  const before = span.units;
  for (const trun of boxes(view, traf.start, traf.end)) {
    if (trun.type === 'trun') readTrun(view, trun, own, span);
  }
  span.end = Math.max(span.end, start + span.units - before);
  spans.set(id, span);
}

/** The duration that nearly all samples have, give or take the rounding to a unit; null where it varies. */
export function steadyUnits({ durations, samples }: Span): number | null {
  const [usual] = [...durations].sort(([, a], [, b]) => b - a)[0] ?? [0];
  const near = [...durations].filter(([units]) => Math.abs(units - usual) <= 1);
  const count = near.reduce((sum, [, each]) => sum + each, 0);
  if (count === 0 || count < samples * STEADY_SHARE) return null;
  return near.reduce((sum, [units, each]) => sum + units * each, 0) / count;
}

/** The defaults of a fragment: optional fields, in the order of their flags. */
function readTfhd(view: DataView, tfhd: Box, defaults: FragmentDefaults): FragmentDefaults {
  const flags = view.getUint32(tfhd.start) & 0xff_ffff;
  let at = tfhd.start + 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0);
  const field = (flag: number, otherwise: number): number => {
    if (!(flags & flag) || at + 4 > tfhd.end) return otherwise;
    at += 4;
    return view.getUint32(at - 4);
  };
  const duration = field(0x8, defaults.duration);
  return { duration, bytes: field(0x10, defaults.bytes) };
}

const SAMPLE_DURATION = 0x100;
const SAMPLE_SIZE = 0x200;

/** Each sample has those of four fields that the flags name: duration, size, flags, composition offset. */
function readTrun(view: DataView, trun: Box, own: FragmentDefaults, span: Span): void {
  if (trun.end - trun.start < 8) throw corrupt('a fragment is cut off');
  const flags = view.getUint32(trun.start) & 0xff_ffff;
  const samples = view.getUint32(trun.start + 4);
  const first = trun.start + 8 + 4 * bitsIn(flags & 0x5);
  const entryBytes = 4 * bitsIn(flags & 0xf00);
  if (entryBytes === 0 && samples > RUN_SAMPLES_MAX)
    throw tooComplex(`a run of ${samples} samples`);
  if (first + samples * entryBytes > trun.end) throw corrupt('a fragment is cut off');
  const sizeAt = flags & SAMPLE_DURATION ? 4 : 0;
  for (let at = first, i = 0; i < samples; at += entryBytes, i += 1) {
    const duration = flags & SAMPLE_DURATION ? view.getUint32(at) : own.duration;
    const bytes = flags & SAMPLE_SIZE ? view.getUint32(at + sizeAt) : own.bytes;
    addSample(span, { duration, bytes });
  }
}

function bitsIn(flags: number): number {
  let bits = 0;
  for (let rest = flags; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
}

function addSample(span: Span, { duration, bytes }: FragmentDefaults): void {
  const alike = span.durations.get(duration);
  if (alike || span.durations.size < DURATIONS_MAX) span.durations.set(duration, (alike ?? 0) + 1);
  span.samples += 1;
  span.bytes += bytes;
  span.units += duration;
}
