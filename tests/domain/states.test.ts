import { describe, expect, it } from 'vitest';
import { ASSET_STATUSES, type AssetStatus } from '#domain/asset.ts';
import { isTerminal, mayFollow, NEXT_STATUSES } from '#domain/states.ts';

/** Every status that can be reached from the one given, itself included. */
function reachable(from: AssetStatus, seen = new Set<AssetStatus>()): Set<AssetStatus> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const next of NEXT_STATUSES[from]) reachable(next, seen);
  return seen;
}

describe('states', () => {
  it('say of every status what may follow it, and name no other', () => {
    expect(Object.keys(NEXT_STATUSES)).toEqual(ASSET_STATUSES);
    expect(ASSET_STATUSES).toEqual(expect.arrayContaining(Object.values(NEXT_STATUSES).flat()));
  });

  it('begin with PENDING, which reaches all of them', () => {
    expect(reachable('PENDING')).toEqual(new Set(ASSET_STATUSES));
  });

  it('end with PURGED, which every status can reach and none can leave', () => {
    expect(NEXT_STATUSES.PURGED).toEqual([]);
    for (const status of ASSET_STATUSES) expect(reachable(status)).toContain('PURGED');
  });

  it.each<[AssetStatus, AssetStatus]>([
    ['PENDING', 'PROCESSING'],
    ['PENDING', 'EXPIRED'],
    ['PENDING', 'CANCELLED'],
    ['PROCESSING', 'PROCESSING'],
    ['PROCESSING', 'COMPLETED'],
    ['PROCESSING', 'FAILED'],
    ['EXPIRED', 'PROCESSING'],
    ['COMPLETED', 'PENDING'],
    ['FAILED', 'PENDING'],
  ])('let %s become %s', (from, to) => {
    expect(mayFollow(from, to)).toBe(true);
  });

  it.each<[AssetStatus, AssetStatus]>([
    ['PENDING', 'COMPLETED'],
    ['PENDING', 'FAILED'],
    ['PROCESSING', 'PENDING'],
    ['PROCESSING', 'CANCELLED'],
    ['COMPLETED', 'FAILED'],
    ['COMPLETED', 'PROCESSING'],
    ['FAILED', 'COMPLETED'],
    ['FAILED', 'PROCESSING'],
    ['CANCELLED', 'PROCESSING'],
    ['EXPIRED', 'COMPLETED'],
    ['PURGED', 'PENDING'],
  ])('never let %s become %s', (from, to) => {
    expect(mayFollow(from, to)).toBe(false);
  });

  it('end a generation with COMPLETED and FAILED alone', () => {
    expect(ASSET_STATUSES.filter(isTerminal)).toEqual(['COMPLETED', 'FAILED']);
  });

  it('leave a finished generation by opening another or by the purge only', () => {
    for (const status of ASSET_STATUSES.filter(isTerminal)) {
      expect(NEXT_STATUSES[status]).toEqual(['PENDING', 'PURGED']);
    }
  });
});
