/** Builds ISO base media files box by box, honest and hostile ones. */

/** Numbers of 32 bits, big-endian. */
export function u32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value);
  return bytes;
}

/** Numbers of 64 bits, big-endian. */
export function u64(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setBigUint64(i * 8, BigInt(value));
  return bytes;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A box around its content. */
export function box(type: string, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concat(...content);
  return concat(u32(8 + body.length), Buffer.from(type, 'latin1'), body);
}

/** A header of a box so large that its size takes 64 bits. */
export function largeBoxHeader(type: string, size: number): Uint8Array {
  return concat(u32(1), Buffer.from(type, 'latin1'), u64(size));
}

const zeros = (count: number): Uint8Array => new Uint8Array(count);

const MATRIX = u32(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);

export const FTYP = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1'));

/** The tables that say where samples are; every one can be replaced. Sizes are in `stsz` or `stz2`. */
export interface Tables {
  readonly stts?: Uint8Array;
  readonly ctts?: Uint8Array;
  readonly stsz?: Uint8Array;
  readonly stz2?: Uint8Array;
  readonly stsc?: Uint8Array;
  readonly stco?: Uint8Array;
  readonly co64?: Uint8Array;
  /** Where the media are; in this very file, unless told. */
  readonly dref?: Uint8Array;
}

/** A table: version and flags, then numbers. */
export const table = (...values: readonly number[]): Uint8Array => u32(0, ...values);

/** A video track of 64 by 64 pixels at 1000 units a second. */
export function videoTrack(id: number, samples: number, tables: Tables): Uint8Array {
  const entry = box(
    'mp4v',
    concat(zeros(6), new Uint8Array([0, 1]), zeros(16), new Uint8Array([0, 64, 0, 64]), zeros(50)),
  );
  const optional = (['ctts', 'stsz', 'stz2', 'stco', 'co64'] as const).flatMap((type) => {
    const content = tables[type];
    return content ? [box(type, content)] : [];
  });
  const stbl = box(
    'stbl',
    box('stsd', table(1), entry),
    box('stts', tables.stts ?? table(1, samples, 1)),
    box('stsc', tables.stsc ?? table(1, 1, samples, 1)),
    ...optional,
  );
  const tkhd = concat(u32(3, 0, 0, id, 0, 1000), zeros(16), MATRIX, u32(64 << 16, 64 << 16));
  const hdlr = concat(zeros(8), Buffer.from('vide'), zeros(12), Buffer.from('x\0'));
  const dinf = box('dinf', box('dref', tables.dref ?? concat(u32(0, 1), box('url ', u32(1)))));
  const minf = box('minf', box('vmhd', u32(1, 0, 0)), dinf, stbl);
  const mdhd = concat(u32(0, 0, 0, 1000, 1000), new Uint8Array([0x55, 0xc4, 0, 0]));
  return box('trak', box('tkhd', tkhd), box('mdia', box('mdhd', mdhd), box('hdlr', hdlr), minf));
}

/** An index of a movie of one second. */
export function moov(...content: readonly Uint8Array[]): Uint8Array {
  const mvhd = concat(
    u32(0, 0, 0, 1000, 1000, 0x1_0000),
    new Uint8Array([1, 0]),
    zeros(10),
    MATRIX,
    zeros(24),
    u32(2),
  );
  return box('moov', box('mvhd', mvhd), ...content);
}
