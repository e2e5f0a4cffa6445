import { ForgeError } from '#domain/errors.ts';

/** Where a file says what it is foremost. */
const MAJOR_BRAND_AT = 8;
const SEQUENCE = 'ftypavis';
const STILL = 'avif';

/** Names of four letters. */
const PICT = 0x70696374;
const NCLX = 0x6e636c78;

/** Behind the version that some boxes begin with. */
const FULL_BOX_BYTES = 4;

/** Of ITU-T H.273, primaries and transfers that are as good as those of sRGB; 2 is "not said". */
const SRGB_PRIMARIES = [1, 2];
const SRGB_TRANSFERS = [1, 2, 13];
const P3_PRIMARIES = 12;

/**
 * The same AVIF, as libheif lets it in: one that moves says so in the place where it looks for a picture, which is there as
 * well. Changes the bytes.
 *
 * @throws ForgeError `UNSUPPORTED_CONTAINER` where there is no picture but those that move.
 */
export function asStill(avif: Buffer): Buffer {
  if (avif.toString('latin1', 4, 12) !== SEQUENCE) return avif;
  if (!topBox(avif, 'meta')) {
    throw new ForgeError('UNSUPPORTED_CONTAINER', 'permanent', 'an AVIF that only moves');
  }
  avif.write(STILL, MAJOR_BRAND_AT, 'latin1');
  return avif;
}

/** How many pictures an AVIF moves through; 1 where it does not move. */
export function countAvifFrames(avif: Uint8Array): number {
  const view = viewOf(avif);
  const moov = topBox(avif, 'moov');
  const tracks = moov ? [...boxes(view, moov.start, moov.end)] : [];
  const counts = tracks.map((track) => {
    const handler = boxAt(view, track, 'mdia', 'hdlr');
    const sizes = boxAt(view, track, 'mdia', 'minf', 'stbl', 'stsz');
    // Transparency is a track of its own.
    const isPicture = handler && view.getUint32(handler.start + 8) === PICT;
    return isPicture && sizes ? view.getUint32(sizes.start + 8) : 0;
  });
  return Math.max(1, ...counts);
}

/** The colour space that an AVIF names by numbers; `srgb` where it names none, null where it has no name here. */
export function avifSpace(avif: Uint8Array): string | null {
  const view = viewOf(avif);
  const meta = topBox(avif, 'meta');
  const inside = meta && { ...meta, start: meta.start + FULL_BOX_BYTES };
  const properties = inside && boxAt(view, inside, 'iprp', 'ipco');
  const all = properties ? [...boxes(view, properties.start, properties.end)] : [];
  const colour = all.find(({ type, start }) => type === 'colr' && view.getUint32(start) === NCLX);
  if (!colour) return 'srgb';
  const primaries = view.getUint16(colour.start + 4);
  const isSrgbCurve = SRGB_TRANSFERS.includes(view.getUint16(colour.start + 6));
  if (!isSrgbCurve) return null;
  if (SRGB_PRIMARIES.includes(primaries)) return 'srgb';
  return primaries === P3_PRIMARIES ? 'display-p3' : null;
}

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The boxes between two positions, as far as they make sense; those with sizes of 64 bits hold no description. */
function* boxes(view: DataView, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end; ) {
    const said = view.getUint32(at);
    const wide = said === 1 && at + 16 <= end ? Number(view.getBigUint64(at + 8)) : said;
    const size = wide === 0 ? end - at : wide;
    if (size < 8) return;
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
    yield { type, start: at + 8, end: Math.min(at + size, end) };
    at += size;
  }
}

function boxAt(view: DataView, within: Box, ...path: readonly string[]): Box | null {
  const [type, ...rest] = path;
  if (type === undefined) return within;
  for (const box of boxes(view, within.start, within.end)) {
    if (box.type === type) return boxAt(view, box, ...rest);
  }
  return null;
}

function topBox(avif: Uint8Array, type: string): Box | null {
  return boxAt(viewOf(avif), { type: 'file', start: 0, end: avif.byteLength }, type);
}
