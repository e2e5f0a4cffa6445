// EXIF as cameras write it, and as nobody should: with sharp for the honest ones, byte by byte for the others.
import sharp, { type Exif } from 'sharp';
import { describe, expect, it } from 'vitest';
import { readExif } from '#adapters/image/exif.ts';

const NOTHING = { camera: null, capturedAt: null, gps: null };

async function written(exif: Exif): Promise<Uint8Array> {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
  const bytes = await picture.jpeg().withExif(exif).toBuffer();
  const { exif: found } = await sharp(bytes).metadata();
  if (!found) throw new Error('sharp wrote no EXIF');
  return found;
}

const PLACE = {
  GPSLatitudeRef: 'S',
  GPSLatitude: '33/1 51/1 3540/100',
  GPSLongitudeRef: 'W',
  GPSLongitude: '70/1 30/1 0/1',
  GPSAltitude: '125/10',
};

const CAMERA: Exif = {
  IFD0: { Make: ' Contax ', Model: 'T3' },
  IFD2: {
    ExposureTime: '1/125',
    FNumber: '28/10',
    ISOSpeedRatings: '200',
    FocalLength: '35/1',
    Flash: '1',
    LensModel: 'Sonnar 2,8/35',
    DateTimeOriginal: '2024:02:29 23:59:59',
  },
  IFD3: PLACE,
};

describe('readExif', () => {
  it('tells the camera and the moment', async () => {
    expect(readExif(await written(CAMERA), false)).toEqual({
      camera: {
        make: 'Contax',
        model: 'T3',
        lens: 'Sonnar 2,8/35',
        exposureSeconds: 0.008,
        aperture: 2.8,
        iso: 200,
        focalLengthMm: 35,
        flash: true,
      },
      capturedAt: '2024-02-29T23:59:59',
      gps: null,
    });
  });

  it('tells the place only where it may', async () => {
    const exif = await written(CAMERA);
    expect(readExif(exif, false).gps).toBeNull();
    expect(readExif(exif, true).gps).toEqual({
      latitude: -33.859833,
      longitude: -70.5,
      altitudeMetres: 12.5,
    });
  });

  it('tells what lies below the sea', async () => {
    const exif = await written({ IFD3: { ...PLACE, GPSAltitudeRef: '0' } });
    const below = Buffer.from(exif);
    // The reference is one byte, in its entry; sharp writes a zero whatever it is given.
    const at = below.indexOf(entry(5, 1, 1, 0));
    below[at + 8] = 1;
    expect([at > 0, readExif(below, true).gps?.altitudeMetres]).toEqual([true, -12.5]);
  });

  it.each([
    ['beyond the pole', { ...PLACE, GPSLatitude: '91/1 0/1 0/1' }],
    ['of nothing by nothing', { ...PLACE, GPSLongitude: '0/0 0/0 0/0' }],
    ['without a longitude', { GPSLatitudeRef: 'N', GPSLatitude: '1/1 0/1 0/1' }],
  ])('tells no place %s', async (_, IFD3) => {
    expect(readExif(await written({ IFD3 }), true).gps).toBeNull();
  });

  it.each([
    ['0000:00:00 00:00:00', null],
    ['    :  :     :  :  ', null],
    ['2023:02:29 10:00:00', null],
    ['2024:13:01 10:00:00', null],
    ['2024:01:01 24:00:01', null],
    ['2024:01:01 10:00:00', '2024-01-01T10:00:00'],
  ])('takes %o for the moment %s', async (DateTimeOriginal, capturedAt) => {
    expect(readExif(await written({ IFD2: { DateTimeOriginal } }), false)).toMatchObject({
      capturedAt,
    });
  });

  it.each([
    ['nothing', undefined],
    ['no bytes', new Uint8Array()],
    ['noise', Uint8Array.from({ length: 500 }, (_, i) => (i * 97) % 251)],
    ['a directory that is its own', tiff([entry(0x8769, 4, 1, 8)])],
    ['a directory past the end', tiff([entry(0x8769, 4, 1, 0xffff_fff0)])],
    ['texts past the end', tiff([entry(0x010f, 2, 0xffff_ffff, 8)])],
    ['numbers of a type that there is not', tiff([entry(0x010f, 99, 1, 8)])],
    ['a text that is a number', tiff([entry(0x010f, 4, 1, 8)])],
    ['many entries that are not there', tiff([], 0xffff)],
  ])('makes nothing of %s', (_, bytes) => {
    expect(readExif(bytes, true)).toEqual(NOTHING);
  });

  it('reads, or does not, whatever is damaged', async () => {
    const whole = await written(CAMERA);
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Uint8Array.from(whole, (byte, i) => (i === at ? byte ^ 0xff : byte));
      expect(Object.keys(readExif(damaged, true))).toEqual(Object.keys(NOTHING));
      expect(Object.keys(readExif(whole.slice(0, at), true))).toEqual(Object.keys(NOTHING));
    }
  });
});

function entry(tag: number, type: number, count: number, value: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeUInt32LE(count, 4);
  bytes.writeUInt32LE(value, 8);
  return bytes;
}

function tiff(entries: readonly Buffer[], count = entries.length): Uint8Array {
  const head = Buffer.from('II*\0\x08\0\0\0\0\0', 'latin1');
  head.writeUInt16LE(count, 8);
  return new Uint8Array(Buffer.concat([head, ...entries, Buffer.alloc(4)]));
}
