// Elements made byte by byte.
import { describe, expect, it } from 'vitest';
import { elementAt, elements, text, unsigned, vint } from '#adapters/probe/ebml.ts';

const view = (hex: string): DataView =>
  new DataView(new Uint8Array(Buffer.from(hex, 'hex')).buffer);

describe('vint', () => {
  it.each([
    ['81', { value: 1, bytes: 1 }],
    ['4102', { value: 0x102, bytes: 2 }],
    ['01000000000000ff', { value: 255, bytes: 8 }],
    ['ff', { value: null, bytes: 1 }],
    ['01ffffffffffffff', { value: null, bytes: 8 }],
    ['00', null],
    ['41', null],
    ['', null],
  ])('of %s: %o', (hex, number) => {
    expect(vint(view(hex), 0, hex.length / 2, true)).toEqual(number);
  });

  it('keeps the marker of an id', () => {
    expect(vint(view('1f43b675'), 0, 4, false)).toEqual({ value: 0x1f43b675, bytes: 4 });
  });
});

describe('elements', () => {
  it('are those inside another one, however much they claim', () => {
    const found = [...elements(view('d78101b0821234ba8f'), { start: 0, end: 9 })];
    expect(found.map(({ id, start, end }) => [id, start, end])).toEqual([
      [0xd7, 2, 3],
      [0xb0, 5, 7],
      [0xba, 9, 24],
    ]);
  });

  it('end with one of unknown size, and with half a header', () => {
    expect([...elements(view('d7ffb08112'), { start: 0, end: null })]).toHaveLength(1);
    expect([...elements(view('d7810154'), { start: 0, end: 4 })]).toHaveLength(1);
    expect(elementAt(view('1f43'), 0)).toBeNull();
  });

  it('of nothing are none', () => {
    expect([...elements(view('d78101'), null)]).toEqual([]);
  });
});

describe('what an element holds', () => {
  it('is a number, or 0 where it is absent or cut off', () => {
    expect(unsigned(view('0102'), { start: 0, end: 2 })).toBe(0x102);
    expect(unsigned(view('01'), { start: 0, end: 2 })).toBe(1);
    expect(unsigned(view('01'), { start: 5, end: 9 })).toBe(0);
    expect(unsigned(view('01'), null)).toBe(0);
  });

  it('is text, as far as it is there', () => {
    expect(text(view('c3a461'), { start: 0, end: 3 })).toBe('äa');
    expect(text(view('6162'), { start: 0, end: 9 })).toBe('ab');
    expect(text(view('6162'), { start: 0, end: null })).toBe('');
  });
});
