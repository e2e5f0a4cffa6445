/** Values of one tag that are looked at: a position has three. */
const VALUES_MAX = 3;

/** Entries of one directory: a few dozen in any honest one. */
const ENTRIES_MAX = 1000;

/** Longer texts are cut. */
const TEXT_BYTES_MAX = 1000;

const BYTE = 1;
const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const SIGNED_RATIONAL = 10;

/** Bytes of one value, by its type; others are left alone. */
const BYTES: Readonly<Record<number, number>> = {
  [BYTE]: 1,
  [ASCII]: 1,
  [SHORT]: 2,
  [LONG]: 4,
  [RATIONAL]: 8,
  [SIGNED_RATIONAL]: 8,
};

/** The tags of one directory; null or nothing where a tag is absent, or makes no sense. */
export interface TiffDirectory {
  number(tag: number): number | null;
  numbers(tag: number): readonly number[];
  text(tag: number): string | null;
}

/** The tag directories of a TIFF structure. */
export interface Tiff {
  first(): TiffDirectory;
  /** The directory that begins there; an empty one where there is none. */
  at(offset: number | null): TiffDirectory;
}

/** Opens the TIFF structure that EXIF is; null where it is none. Whatever the bytes are, nothing throws or goes on for long. */
export function readTiff(exif: Uint8Array): Tiff | null {
  const prefix = latin(exif.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  const bytes = exif.subarray(prefix);
  if (bytes.length < 8) return null;
  const order = latin(bytes.subarray(0, 2));
  if (order !== 'II' && order !== 'MM') return null;
  const little = order === 'II';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(2, little) !== 42) return null;
  const at = (offset: number | null) => new Directory(view, little, offset);
  return { first: () => at(view.getUint32(4, little)), at };
}

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly start: number;
}

class Directory implements TiffDirectory {
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #entries = new Map<number, Entry>();

  constructor(view: DataView, little: boolean, offset: number | null) {
    this.#view = view;
    this.#little = little;
    if (offset === null || offset < 8 || offset + 2 > view.byteLength) return;
    const count = Math.min(view.getUint16(offset, little), ENTRIES_MAX);
    for (let i = 0; i < count; i += 1) this.#add(offset + 2 + i * 12);
  }

  number(tag: number): number | null {
    return this.numbers(tag)[0] ?? null;
  }

  numbers(tag: number): readonly number[] {
    const entry = this.#entries.get(tag);
    if (!entry || entry.type === ASCII) return [];
    const values = Array.from({ length: Math.min(entry.count, VALUES_MAX) }, (_, i) =>
      this.#value(entry.type, entry.start + i * (BYTES[entry.type] ?? 0)),
    );
    return values.every(Number.isFinite) ? values : [];
  }

  text(tag: number): string | null {
    const entry = this.#entries.get(tag);
    if (entry?.type !== ASCII) return null;
    const { buffer, byteOffset } = this.#view;
    const length = Math.min(entry.count, TEXT_BYTES_MAX);
    const bytes = new Uint8Array(buffer, byteOffset + entry.start, length);
    return new TextDecoder().decode(bytes).split('\0')[0]?.trim() ?? null;
  }

  /** Values of up to four bytes are in the entry itself. */
  #add(at: number): void {
    const view = this.#view;
    if (at + 12 > view.byteLength) return;
    const type = view.getUint16(at + 2, this.#little);
    const count = view.getUint32(at + 4, this.#little);
    const bytes = count * (BYTES[type] ?? 0);
    const start = bytes <= 4 ? at + 8 : view.getUint32(at + 8, this.#little);
    if (bytes === 0 || start + bytes > view.byteLength) return;
    this.#entries.set(view.getUint16(at, this.#little), { type, count, start });
  }

  #value(type: number, at: number): number {
    const [view, little] = [this.#view, this.#little];
    if (type === BYTE) return view.getUint8(at);
    if (type === SHORT) return view.getUint16(at, little);
    if (type === LONG) return view.getUint32(at, little);
    if (type === RATIONAL) return view.getUint32(at, little) / view.getUint32(at + 4, little);
    return view.getInt32(at, little) / view.getInt32(at + 4, little);
  }
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
