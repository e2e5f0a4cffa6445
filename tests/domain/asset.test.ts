import { describe, expect, expectTypeOf, it } from 'vitest';
import { ASSET_STATUSES, type AssetStatus, type TerminalStatus } from '#domain/asset.ts';

describe('asset statuses', () => {
  it('are named once each', () => {
    expect(new Set(ASSET_STATUSES).size).toBe(ASSET_STATUSES.length);
  });

  it('are the names that clients see, which never change', () => {
    expect(ASSET_STATUSES).toEqual([
      'PENDING',
      'PROCESSING',
      'COMPLETED',
      'FAILED',
      'EXPIRED',
      'CANCELLED',
      'PURGED',
    ]);
  });

  it('end a generation in two ways', () => {
    expectTypeOf<TerminalStatus>().toEqualTypeOf<'COMPLETED' | 'FAILED'>();
    expectTypeOf<TerminalStatus>().toExtend<AssetStatus>();
    expect(ASSET_STATUSES).toEqual(expect.arrayContaining(['COMPLETED', 'FAILED']));
  });
});
