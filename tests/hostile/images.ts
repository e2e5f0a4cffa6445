/** Images that are larger than they look, and files that look like images. */
import { crc32, deflateSync } from 'node:zlib';
import { mediaBytes } from '../support/file-source.ts';
import { box, concat, u32 } from '../support/iso-file.ts';
import { type HostileFile, hostile } from './hostile-file.ts';

function pngChunk(name: string, content: Uint8Array): Uint8Array {
  const body = concat(Buffer.from(name), content);
  return concat(u32(content.length), body, u32(crc32(body)));
}

/** A black PNG: what a row of so many bits compresses to, as often as there are rows. */
function png(side: number, bitDepth: 1 | 16, colourType: 0 | 6, rows = side): Uint8Array {
  const channels = colourType === 6 ? 4 : 1;
  const rowBytes = 1 + Math.ceil((side * channels * bitDepth) / 8);
  const header = concat(u32(side, side), new Uint8Array([bitDepth, colourType, 0, 0, 0]));
  return concat(
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(new Uint8Array(rowBytes * rows), { level: 9 })),
    pngChunk('IEND', new Uint8Array()),
  );
}

/** A GIF of one pixel that moves for so many frames. */
function gif(frames: number): Uint8Array {
  const frame = Buffer.from('21f90400000000002c0000000001000100000202440100', 'hex');
  return concat(
    Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1'),
    ...Array.from({ length: frames }, () => frame),
    Buffer.from(';'),
  );
}

/** The sample photograph with one more segment behind its first two bytes. */
function jpegWith(marker: number, ...content: readonly (Uint8Array | string)[]): Uint8Array {
  const jpeg = mediaBytes('portrait.jpg');
  const body = concat(...content.map((each) => Buffer.from(each)));
  const head = Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff]);
  return concat(jpeg.subarray(0, 2), head, body, jpeg.subarray(2));
}

/** A directory of EXIF whose next directory is itself, with an entry that is longer than the file. */
const EXIF_LOOP = concat(
  Buffer.from('Exif\0\0MM\0*\0\0\0\x08', 'latin1'),
  Buffer.from('0001', 'hex'),
  Buffer.from('010e0002ffffffff00000008', 'hex'),
  u32(8),
);

/** Where a photograph was taken: 52° 30' north, 13° 24' east. */
const EXIF_GPS = concat(
  Buffer.from('Exif\0\0MM\0*\0\0\0\x08', 'latin1'),
  Buffer.from('0001', 'hex'),
  Buffer.from('88250004000000010000001a', 'hex'),
  u32(0),
  Buffer.from('0004', 'hex'),
  Buffer.from('00010002000000024e000000', 'hex'),
  Buffer.from('000200050000000300000050', 'hex'),
  Buffer.from('000300020000000245000000', 'hex'),
  Buffer.from('000400050000000300000068', 'hex'),
  u32(0, 52, 1, 30, 1, 0, 1, 13, 1, 24, 1, 0, 1),
);

const LAUGHS = `<!DOCTYPE svg [<!ENTITY a "${'ha'.repeat(50)}"><!ENTITY b "${'&a;'.repeat(500)}"><!ENTITY c "${'&b;'.repeat(500)}">]>`;
const svg = (inside: string, size = 10, doctype = ''): string =>
  `<?xml version="1.0"?>${doctype}<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">${inside}</svg>`;

const HEIC = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1'));
const AVIF = box('ftyp', Buffer.from('avif\0\0\0\0mif1avif', 'latin1'));

const image = (
  id: string,
  what: string,
  code: HostileFile['code'],
  bytes: HostileFile['bytes'] | string,
  contentType: string,
): HostileFile => hostile(id, what, code, bytes, { contentType });

/** Files of other kinds that are called photographs. */
const DISGUISED: Readonly<Record<string, string | Uint8Array>> = {
  HTML: '<!doctype html><script>alert(1)</script>',
  'MVG, as ImageTragick has it': `push graphic-context\nviewbox 0 0 9 9\nfill 'url(https://127.0.0.1/x.jpg"|ls "-la)'\npop graphic-context`,
  PostScript: '%!PS\n(x) run\n',
  PDF: '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n',
  'a file of libvips': Buffer.from(`08f2a6b6${'00'.repeat(60)}`, 'hex'),
  PPM: 'P6\n1 1\n255\n\0\0\0',
  CSV: 'a,b\n1,2\n',
};

export function badImages(): readonly HostileFile[] {
  const [jpeg, pngType, gifType] = ['image/jpeg', 'image/png', 'image/gif'];
  const photograph = mediaBytes('portrait.jpg');
  const tooLarge = 'IMAGE_TOO_LARGE';
  const refused = 'UNSUPPORTED_CONTAINER';
  return [
    image('I1', 'a PNG of 268 million pixels', tooLarge, () => png(16_383, 1, 0), pngType),
    image('I2', 'a PNG of 400 million pixels', tooLarge, () => png(20_000, 1, 0), pngType),
    image(
      'I3',
      'a PNG of 144 million deep pixels',
      tooLarge,
      () => png(12_000, 16, 6, 100),
      pngType,
    ),
    image('I4', 'SVG', refused, svg('<rect width="9" height="9"/>'), jpeg),
    image('I5', 'SVG that names a file', refused, svg('<image href="file:///etc/passwd"/>'), jpeg),
    image('I6', 'SVG with a billion laughs', refused, svg('&c;', 10, LAUGHS), jpeg),
    image('I6', 'SVG of ten billion pixels', refused, svg('', 100_000), jpeg),
    image('I7', 'a GIF of 20 000 frames', 'OK', () => gif(20_000), gifType),
    image('I8', 'a photograph that is cut off', 'CORRUPT_MEDIA', mediaBytes('truncated.jpg'), jpeg),
    image(
      'I9',
      'a photograph with a ZIP behind it',
      'OK',
      concat(photograph, Buffer.from('PK\x03\x04')),
      jpeg,
    ),
    image(
      'I9',
      'a photograph with a script behind it',
      'OK',
      concat(photograph, Buffer.from('<script>')),
      jpeg,
    ),
    image(
      'I10',
      'a GIF that is JavaScript',
      'CORRUPT_MEDIA',
      'GIF89a=1;alert(1)//'.padEnd(100),
      gifType,
    ),
    ...Object.entries(DISGUISED).map(([what, bytes]) => image('I11', what, refused, bytes, jpeg)),
    image('I12', 'TIFF', refused, mediaBytes('picture.tiff'), jpeg),
    image('I13', 'the header of an HEIC', refused, HEIC, jpeg),
    image('I13', 'the header of an AVIF', 'CORRUPT_MEDIA', AVIF, 'image/avif'),
    image('I14', 'EXIF that leads back to itself', 'OK', jpegWith(0xe1, EXIF_LOOP), jpeg),
    image('I14', 'a photograph that says where it was taken', 'OK', jpegWith(0xe1, EXIF_GPS), jpeg),
    image(
      'I15',
      'a colour profile of noise',
      'OK',
      jpegWith(0xe2, 'ICC_PROFILE\0\x01\x01', new Uint8Array(60_000).fill(7)),
      jpeg,
    ),
  ];
}
