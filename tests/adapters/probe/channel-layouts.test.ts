import { describe, expect, it } from 'vitest';
import {
  layoutByCodec,
  layoutByHeader,
  layoutOfMask,
  plainLayout,
} from '#adapters/probe/channel-layouts.ts';

describe('channel layouts', () => {
  it('follow from one or two channels, and from no other number', () => {
    expect([1, 2, 6, null].map(plainLayout)).toEqual(['mono', 'stereo', null, null]);
  });

  it.each([
    ['vorbis', 6, '5.1'],
    ['flac', 4, 'quad'],
    ['alac', 6, '5.1'],
    ['alac', 8, null],
    ['aac', 6, null],
    ['aac', 1, 'mono'],
    [null, 2, 'stereo'],
    ['constructor', 6, null],
  ])('of %s with %s channels: %s', (codec, channels, layout) => {
    expect(layoutByCodec(codec, channels)).toBe(layout);
  });

  const opus = (family: number) => new Uint8Array(19).fill(family, 18);
  const aac = (configuration: number) => new Uint8Array([0x11, 0x80 | (configuration << 3)]);
  it.each([
    ['opus', 5, opus(1), '5.0'],
    ['opus', 8, opus(1), '7.1'],
    ['opus', 4, opus(2), null],
    ['opus', 4, null, null],
    ['aac', 4, aac(4), '4.0'],
    ['aac', 8, aac(7), '7.1'],
    ['aac', 8, aac(0), null],
    ['aac', 6, new Uint8Array([0x17, 0x80, 0, 0, 0x30]), '5.1'],
    ['aac', 6, null, '5.1'],
    ['aac', 8, null, '7.1'],
    ['flac', 6, null, '5.1'],
  ])('of %s with %i channels and its header: %#', (codec, channels, header, layout) => {
    expect(layoutByHeader(codec, channels, header)).toBe(layout);
  });

  it('are named by the speakers of a WAV', () => {
    expect([0x3f, 0x60f, 0x63f, 0x4, 0x1].map(layoutOfMask)).toEqual([
      ...['5.1', '5.1', '7.1', 'mono', null],
    ]);
  });
});
