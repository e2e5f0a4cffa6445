import { describe, expect, it } from 'vitest';
import { timedUnit, transportUnits } from '#adapters/probe/transport-units.ts';
import { type MadeUnit, transportStream } from '../../support/transport-stream.ts';

const PAYLOAD = Uint8Array.from({ length: 700 }, (_, n) => (n * 7) & 255);
const UNITS: readonly MadeUnit[] = Array.from({ length: 6 }, (_, n) => ({
  pid: 0x1100 + (n % 2),
  pts: 2 ** 33 - 1 - n,
  dts: n,
  payload: PAYLOAD.subarray(0, 700 - n * 100),
}));

const timesOf = (bytes: Uint8Array) =>
  [...(transportUnits(bytes) ?? [])].map(([pid, units]) => [pid, units.map(timedUnit)]);

describe('transportUnits', () => {
  it.each([
    ['packets as they are', {}],
    ['packets with a time in front', { before: 4 }],
    ['packets with error correction behind', { behind: 16 }],
  ])('tells the units of %s, with their times', (_, around) => {
    const told = ({ pts, dts, payload }: MadeUnit) => ({ streamId: 0xe0, pts, dts, payload });
    const of = (pid: number) => UNITS.filter((unit) => unit.pid === pid).map(told);
    const found = timesOf(transportStream(UNITS, around));
    expect(JSON.stringify(found)).toBe(
      JSON.stringify([
        [0x1100, of(0x1100).map(plain)],
        [0x1101, of(0x1101).map(plain)],
      ]),
    );
  });

  it('finds its way into a piece that begins in the middle of a packet', () => {
    const bytes = transportStream(UNITS);
    expect(timesOf(bytes.subarray(100)).length).toBe(2);
  });

  it('knows where packets are no longer where they should be', () => {
    const bytes = transportStream(UNITS);
    const torn = Buffer.concat([bytes, Buffer.alloc(188)]);
    expect([transportUnits(torn), transportUnits(Buffer.alloc(4000))]).toEqual([null, null]);
  });

  it.each([
    ['damaged', 1, 0x80],
    ['scrambled', 3, 0x80],
  ])('reads nothing of %s packets', (_, at, bit) => {
    const bytes = Buffer.from(transportStream(UNITS));
    for (let packet = 0; packet < bytes.length; packet += 188) {
      bytes[packet + at] = (bytes[packet + at] ?? 0) | bit;
    }
    expect([...(transportUnits(bytes) ?? [])]).toEqual([]);
  });

  it('takes the time of decoding for that of showing, where it is not told', () => {
    const bytes = transportStream(UNITS.map(({ dts: _, ...unit }) => unit));
    const [first] = transportUnits(bytes)?.get(0x1100) ?? [];
    expect(first && timedUnit(first)).toMatchObject({ pts: 2 ** 33 - 1, dts: 2 ** 33 - 1 });
  });

  it('takes tables for what they are', () => {
    expect(timedUnit([Buffer.from('00b00d0001c100000001f0002ab104b2', 'hex')])).toBeNull();
  });
});

/** As a joined payload is: a Buffer. */
function plain<T extends { readonly payload: Uint8Array }>(unit: T) {
  return { ...unit, payload: Buffer.from(unit.payload) };
}
