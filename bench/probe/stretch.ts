import { open, readFile } from 'node:fs/promises';
import { type Box, box, boxesIn, find, numbers } from './boxes.ts';

/** A track of the short file: its samples, and how they are stored in the long one. */
interface Track {
  readonly trak: Box;
  readonly sizes: readonly number[];
  /** Runs of samples with the same duration or composition offset: pairs of count and value. */
  readonly stts: readonly number[];
  readonly ctts: readonly number[] | null;
  readonly keys: readonly number[] | null;
  readonly duration: number;
  /** Where the short file has each sample. */
  readonly offsets: readonly number[];
}

const CHUNKS_PER_CYCLE = 10;
const MDAT_HEADER_BYTES = 16;

/**
 * Makes a long MP4 of a short one: its frames again and again until it has so many bytes, with an index as a long film has
 * it. The media of the first cycle are real, the others are holes, so that it takes next to no room.
 */
export async function stretch(
  short: string,
  long: string,
  { bytes, indexFirst }: { readonly bytes: number; readonly indexFirst: boolean },
): Promise<void> {
  const source = await readFile(short);
  const moov = find(source, ['moov']);
  const tracks = boxesIn(source, moov.start, moov.end)
    .filter(({ type }) => type === 'trak')
    .map((trak) => readTrack(source, trak));
  const cycleBytes = tracks.flatMap(({ sizes }) => sizes).reduce((sum, size) => sum + size, 0);
  const cycles = Math.ceil(bytes / cycleBytes);
  const ftyp = find(source, ['ftyp']);
  const head = source.subarray(ftyp.start - 8, ftyp.end);
  const make = (mediaAt: number) => index(source, moov, tracks, cycles, mediaAt);
  const indexLength = make(0).moov.length;
  const mdatAt = head.length + (indexFirst ? indexLength : 0);
  const made = make(mdatAt + MDAT_HEADER_BYTES);
  const mediaBytes = cycleBytes * cycles;
  const mdat = Buffer.alloc(MDAT_HEADER_BYTES);
  mdat.writeUInt32BE(1);
  mdat.write('mdat', 4, 'latin1');
  mdat.writeBigUInt64BE(BigInt(mediaBytes + MDAT_HEADER_BYTES), 8);
  const file = await open(long, 'w');
  try {
    await file.truncate(mdatAt + MDAT_HEADER_BYTES + mediaBytes);
    const write = (part: Uint8Array, at: number) => file.write(part, 0, part.length, at);
    await write(head, 0);
    await write(made.moov, indexFirst ? head.length : mdatAt + MDAT_HEADER_BYTES + mediaBytes);
    await write(mdat, mdatAt);
    for (const { from, size, to } of made.real) await write(source.subarray(from, from + size), to);
  } finally {
    await file.close();
  }
}

function readTrack(bytes: Buffer, trak: Box): Track {
  const stbl = find(bytes, ['mdia', 'minf', 'stbl'], trak);
  const table = (type: string, from = 8): number[] | null => {
    const at = boxesIn(bytes, stbl.start, stbl.end).find((each) => each.type === type);
    if (!at) return null;
    const count = (at.end - at.start - from) / 4;
    return Array.from({ length: count }, (_, n) => bytes.readUInt32BE(at.start + from + n * 4));
  };
  const sizes = table('stsz', 12) ?? [];
  const stts = table('stts') ?? [];
  const duration = stts.reduce((sum, n, at) => (at % 2 ? sum + n * (stts[at - 1] ?? 0) : sum), 0);
  const offsets = sampleOffsets(sizes, table('stsc') ?? [], table('stco') ?? []);
  return { trak, sizes, stts, ctts: table('ctts'), keys: table('stss'), duration, offsets };
}

function sampleOffsets(
  sizes: readonly number[],
  stsc: readonly number[],
  stco: readonly number[],
): readonly number[] {
  const offsets: number[] = [];
  let row = 0;
  for (const [chunk, start] of stco.entries()) {
    if (stsc[(row + 1) * 3] === chunk + 1) row += 1;
    let at = start;
    for (let left = stsc[row * 3 + 1] ?? 0; left > 0; left -= 1) {
      offsets.push(at);
      at += sizes[offsets.length - 1] ?? 0;
    }
  }
  return offsets;
}

/** Where a sample of the short file belongs in the long one. */
interface Placed {
  readonly from: number;
  readonly size: number;
  readonly to: number;
}

/** The index of so many cycles, and where the samples of the first one belong. */
function index(
  source: Buffer,
  moov: Box,
  tracks: readonly Track[],
  cycles: number,
  mediaAt: number,
) {
  const { chunks, real } = layOut(tracks, cycles, mediaAt);
  const parts = boxesIn(source, moov.start, moov.end).map(({ type, start, end }) => {
    const body = Buffer.from(source.subarray(start, end));
    if (type === 'mvhd') body.writeUInt32BE(body.readUInt32BE(16) * cycles, 16);
    const n = tracks.findIndex(({ trak }) => trak.start === start);
    const [track, starts] = [tracks[n], chunks[n]];
    return track && starts ? longTrak(source, track, cycles, starts) : box(type, body);
  });
  return { moov: box('moov', ...parts), real };
}

/** A chunk of each track in turn: where each of them begins. */
function layOut(tracks: readonly Track[], cycles: number, mediaAt: number) {
  const chunks = tracks.map((): bigint[] => []);
  const real: Placed[] = [];
  let at = mediaAt;
  for (let chunk = 0; chunk < cycles * CHUNKS_PER_CYCLE; chunk += 1) {
    for (const [n, track] of tracks.entries()) {
      chunks[n]?.push(BigInt(at));
      const placed = place(track, chunk % CHUNKS_PER_CYCLE, at);
      if (chunk < CHUNKS_PER_CYCLE) real.push(...placed);
      at = placed.reduce((end, { size }) => end + size, at);
    }
  }
  return { chunks, real };
}

function place({ sizes, offsets }: Track, chunk: number, start: number): readonly Placed[] {
  const [first, end] = share(sizes.length, chunk);
  let to = start;
  return sizes.slice(first, end).map((size, n) => {
    const placed = { from: offsets[first + n] ?? 0, size, to };
    to += size;
    return placed;
  });
}

/** Which samples of a cycle are in one of its chunks. */
const share = (samples: number, chunk: number): readonly [number, number] => [
  Math.floor((samples * chunk) / CHUNKS_PER_CYCLE),
  Math.floor((samples * (chunk + 1)) / CHUNKS_PER_CYCLE),
];

function longTrak(source: Buffer, track: Track, cycles: number, chunks: readonly bigint[]): Buffer {
  const again = (values: readonly number[]) => Array.from({ length: cycles }, () => values).flat();
  const table = (type: string, rows: number, values: readonly number[]) =>
    box(type, numbers([0, rows]), numbers(values));
  const { sizes, stts, ctts, keys } = track;
  const perChunk = Array.from({ length: CHUNKS_PER_CYCLE }, (_, n) => share(sizes.length, n));
  const stsc = Array.from({ length: cycles }, (_, cycle) =>
    perChunk.flatMap(([from, to], n) => [cycle * CHUNKS_PER_CYCLE + n + 1, to - from, 1]),
  ).flat();
  const co64 = Buffer.alloc(chunks.length * 8);
  for (const [n, start] of chunks.entries()) co64.writeBigUInt64BE(start, n * 8);
  const keyFrames = keys?.length
    ? Array.from({ length: cycles }, (_, n) => keys.map((key) => key + n * sizes.length)).flat()
    : null;
  const tables = [
    table('stts', (stts.length / 2) * cycles, again(stts)),
    ...(ctts ? [table('ctts', (ctts.length / 2) * cycles, again(ctts))] : []),
    ...(keyFrames ? [table('stss', keyFrames.length, keyFrames)] : []),
    table('stsc', stsc.length / 3, stsc),
    box('stsz', numbers([0, 0, sizes.length * cycles]), numbers(again(sizes))),
    box('co64', numbers([0, chunks.length]), co64),
  ];
  return rebuilt(source, track.trak, (type, body) => {
    // Behind version, flags and two dates; `tkhd` has the id in between, `mdhd` the units of a second.
    if (type === 'tkhd' || type === 'mdhd') {
      const at = type === 'tkhd' ? 20 : 16;
      body.writeUInt32BE(body.readUInt32BE(at) * cycles, at);
    }
    if (type === 'elst') body.writeUInt32BE(body.readUInt32BE(8) * cycles, 8);
    return type === 'stbl'
      ? Buffer.concat([box('stsd', stsd(source, track.trak)), ...tables])
      : body;
  });
}

function stsd(source: Buffer, trak: Box): Buffer {
  const { start, end } = find(source, ['mdia', 'minf', 'stbl', 'stsd'], trak);
  return source.subarray(start, end);
}

const CONTAINERS = ['trak', 'mdia', 'minf', 'edts'];

/** The same boxes with other contents. */
function rebuilt(
  source: Buffer,
  { start, end }: Box,
  change: (type: string, body: Buffer) => Buffer,
  type = 'trak',
): Buffer {
  if (!CONTAINERS.includes(type)) {
    return box(type, change(type, Buffer.from(source.subarray(start, end))));
  }
  const inside = boxesIn(source, start, end);
  return box(type, ...inside.map((each) => rebuilt(source, each, change, each.type)));
}
