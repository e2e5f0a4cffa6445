import type { Random } from '../chaos/random.ts';

/** What is done to a file: by name, so that a failure can be told of. */
export interface Mutated {
  readonly how: string;
  readonly bytes: Uint8Array;
}

type Mutation = (bytes: Buffer, random: Random, other: Uint8Array) => Uint8Array;

const position = (bytes: Uint8Array, random: Random): number =>
  random.between(0, Math.max(0, bytes.length - 1));

/** Headers and indexes are where a parser can be misled: half of all damage is done near an end. */
function place(bytes: Uint8Array, random: Random): number {
  const near = Math.min(bytes.length - 1, 4096);
  if (near <= 0 || random.next() < 0.5) return position(bytes, random);
  const offset = random.between(0, near);
  return random.next() < 0.5 ? offset : bytes.length - 1 - offset;
}

function flipBits(bytes: Buffer, random: Random): Uint8Array {
  for (let left = random.between(1, 32); left > 0 && bytes.length > 0; left -= 1) {
    const at = place(bytes, random);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.between(0, 7));
  }
  return bytes;
}

function truncate(bytes: Buffer, random: Random): Uint8Array {
  return bytes.subarray(0, random.next() < 0.2 ? random.between(0, 64) : position(bytes, random));
}

/** Numbers that go wrong: nothing, one, the signs' edges, everything. */
const EDGES = [0, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff];

/** The size in front of a name of four letters, as in MP4, MOV, AVI and WAV. */
function resizeBox(bytes: Buffer, random: Random): Uint8Array {
  const names: number[] = [];
  for (let at = 4; at + 4 <= bytes.length && names.length < 4096; at += 1) {
    if (/^[a-zA-Z0-9 ©]{4}$/.test(bytes.toString('latin1', at, at + 4))) names.push(at);
  }
  const at = names[random.between(0, names.length - 1)];
  return at === undefined ? flipBits(bytes, random) : overwrite(bytes, at - 4, random);
}

/** Any four bytes. */
function setNumber(bytes: Buffer, random: Random): Uint8Array {
  return overwrite(bytes, place(bytes, random), random);
}

function overwrite(bytes: Buffer, at: number, random: Random): Uint8Array {
  if (bytes.length < 4) return bytes;
  const edge = EDGES[random.between(0, EDGES.length - 1)] ?? 0;
  const value = random.next() < 0.7 ? edge : random.between(0, 0xffff_ffff);
  bytes.writeUInt32BE(value, Math.min(at, bytes.length - 4));
  return bytes;
}

/** The beginning of one file and the end of another. */
function splice(bytes: Buffer, random: Random, other: Uint8Array): Uint8Array {
  return Buffer.concat([
    bytes.subarray(0, place(bytes, random)),
    other.subarray(position(other, random)),
  ]);
}

const COPIES_MAX = 64;
const PIECE_BYTES_MAX = 65_536;

/** A piece, again and again. */
function duplicate(bytes: Buffer, random: Random): Uint8Array {
  const places = [place(bytes, random), place(bytes, random)];
  const start = Math.min(...places);
  const end = Math.min(Math.max(...places), start + PIECE_BYTES_MAX);
  const piece = bytes.subarray(start, end);
  const copies = Array.from({ length: random.between(1, COPIES_MAX) }, () => piece);
  return Buffer.concat([bytes.subarray(0, end), ...copies, bytes.subarray(end)]);
}

/** A piece that is gone. */
function remove(bytes: Buffer, random: Random): Uint8Array {
  const start = place(bytes, random);
  const end = Math.min(bytes.length, start + random.between(1, 4096));
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

/** A piece of nothing but zeros, or of nothing but ones. */
function blank(bytes: Buffer, random: Random): Uint8Array {
  const start = place(bytes, random);
  const end = Math.min(bytes.length, start + random.between(1, 4096));
  return bytes.fill(random.next() < 0.5 ? 0 : 0xff, start, end);
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBits,
  truncate,
  resizeBox,
  setNumber,
  splice,
  duplicate,
  remove,
  blank,
};

/**
 * Damages a copy of a file, once to three times over.
 *
 * @param other A file to take pieces of.
 */
export function mutate(file: Uint8Array, other: Uint8Array, random: Random): Mutated {
  const names = Object.keys(MUTATIONS);
  const steps = Array.from(
    { length: random.between(1, 3) },
    () => names[random.between(0, names.length - 1)] ?? '',
  );
  let bytes: Uint8Array = Buffer.from(file);
  for (const step of steps) {
    bytes = MUTATIONS[step]?.(Buffer.from(bytes), random, other) ?? bytes;
  }
  return { how: steps.join(' '), bytes };
}
