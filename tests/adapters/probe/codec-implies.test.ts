import { describe, expect, it } from 'vitest';
import { withImplied } from '#adapters/probe/codec-implies.ts';
import { UNTOLD_VIDEO } from '#adapters/probe/track-truth.ts';
import { aVideoTrack } from '../../support/an-asset.ts';

describe('withImplied', () => {
  it('adds what all pictures of a codec are', () => {
    expect(withImplied(aVideoTrack({ ...UNTOLD_VIDEO, codec: 'vp8' }))).toMatchObject({
      ...{ scanType: 'progressive', bitDepth: 8, chromaSubsampling: '4:2:0' },
    });
    expect(withImplied(aVideoTrack({ ...UNTOLD_VIDEO, codec: 'av1' })).bitDepth).toBeNull();
  });

  it('lets stand what somebody has told, and leaves other codecs alone', () => {
    const told = aVideoTrack({ codec: 'vp9', scanType: 'interlaced' });
    expect(withImplied(told)).toEqual(told);
    const untold = aVideoTrack({ ...UNTOLD_VIDEO, codec: 'h264' });
    expect(withImplied(untold)).toBe(untold);
  });
});
