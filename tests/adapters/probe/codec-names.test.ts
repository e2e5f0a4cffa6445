import { describe, expect, it } from 'vitest';
import { codecOfMediabunny } from '#adapters/probe/codec-names.ts';

describe('codecOfMediabunny', () => {
  it.each([
    ['avc', 'avc1', 'h264'],
    ['vp9', 'V_VP9', 'vp9'],
    [null, 'apch', 'prores'],
    [null, 'A_NOBODY/KNOWS', null],
    [null, 0x1b, null],
    // Of a Matroska file any text is one; what every object has is no codec, and cannot be sent from a thread.
    [null, 'constructor', null],
    [null, '__proto__', null],
  ])('of %s, which its container calls %s, is %s', (codec, id, name) => {
    expect(codecOfMediabunny(codec, id)).toBe(name);
  });
});
