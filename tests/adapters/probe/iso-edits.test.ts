import { describe, expect, it } from 'vitest';
import { readEdits } from '#adapters/probe/iso-edits.ts';
import { box, concat, u32, u64 } from '../../support/iso-file.ts';

const SCALES = { movie: 1000, track: 500, mediaSeconds: 10 };
const PLAIN = 0x1_0000;

/** What becomes of a list of edits: units of the movie, where in the media, and how fast. */
function read(...edits: readonly (readonly [units: number, at: number, speed?: number])[]) {
  const entries = edits.map(([units, at, speed = PLAIN]) => u32(units, at >>> 0, speed));
  return readTrak(box('elst', concat(u32(0, edits.length), ...entries)));
}

function readTrak(...boxes: readonly Uint8Array[]) {
  const bytes = box('edts', ...boxes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readEdits(view, { type: 'trak', start: 0, end: bytes.length }, SCALES);
}

describe('readEdits', () => {
  it.each([
    ['no list', readTrak(), 0, false],
    ['one that shows all', read([10_000, 0]), 10_000, false],
    ['what an encoder put in front', read([9960, 20]), 9960, false],
    ['one that is 0 long, in a fragmented file', read([0, 20]), 0, false],
    ['a pause before', read([2000, -1], [10_000, 0]), 10_000, true],
    ['two pieces', read([1000, 0], [1000, 2500]), 2000, true],
    ['half the speed', read([10_000, 0, PLAIN / 2]), 10_000, true],
    ['a start that is left out', read([8900, 550]), 8900, true],
    ['an end that is left out', read([8900, 0]), 8900, true],
  ])('of %s', (_, edits, shownUnits, hasEdits) => {
    expect(edits).toEqual({ shownUnits, hasEdits });
  });

  it('of 64 bits', () => {
    const entry = concat(u64(9000, 5), u32(PLAIN));
    const list = box('elst', concat(u32(0x0100_0000, 1), entry));
    expect(readTrak(list)).toEqual({ shownUnits: 9000, hasEdits: false });
  });
});
