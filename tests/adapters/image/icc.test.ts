import { describe, expect, it } from 'vitest';
import { spaceOfProfile } from '#adapters/image/icc.ts';
import { concat, u32 } from '../../support/iso-file.ts';

const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

const profile = (content: Uint8Array): Uint8Array =>
  concat(new Uint8Array(128), u32(1), latin('desc'), u32(144, content.length), content);

const old = (name: string): Uint8Array =>
  profile(concat(latin('desc'), u32(0, name.length + 1), latin(`${name}\0`), new Uint8Array(20)));

const wide = (name: string): Uint8Array => {
  const text = new Uint8Array(Buffer.from(name, 'utf16le').swap16());
  return profile(concat(latin('mluc'), u32(0, 1, 12), latin('enUS'), u32(text.length, 28), text));
};

describe('spaceOfProfile', () => {
  it.each([
    ['sRGB IEC61966-2.1', 'srgb'],
    ['c2', 'srgb'],
    ['Display P3', 'display-p3'],
    ['sP3C', 'display-p3'],
    ['Adobe RGB (1998)', 'adobe-rgb'],
    ['ProPhoto RGB', 'prophoto-rgb'],
    ['Rec. 2020', 'rec2020'],
    ['EPSON of my desk', null],
  ])('of %s: %s', (name, space) => {
    expect(spaceOfProfile(old(name))).toBe(space);
    expect(spaceOfProfile(wide(name))).toBe(space);
  });

  it('of what is no profile: none', () => {
    expect(spaceOfProfile(new Uint8Array())).toBeNull();
    expect(spaceOfProfile(concat(new Uint8Array(128), u32(0xffff_ffff)))).toBeNull();
    expect(spaceOfProfile(wide('Display P3').subarray(0, 150))).toBeNull();
  });
});
