import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Condition, holds } from '#domain/condition.ts';
import { aClaimedAsset, anAsset } from '../support/an-asset.ts';

const row = aClaimedAsset({ leaseUntil: 100, deletedAt: 0, sourceEtag: '' });

describe('a condition', () => {
  it.each<[string, Condition, boolean]>([
    ['present', { attr: 'leaseUntil', is: 'present' }, true],
    ['present, though zero', { attr: 'deletedAt', is: 'present' }, true],
    ['present, though empty', { attr: 'sourceEtag', is: 'present' }, true],
    ['absent', { attr: 'event', is: 'absent' }, true],
    ['not present', { attr: 'event', is: 'present' }, false],
    ['not absent', { attr: 'leaseUntil', is: 'absent' }, false],
    ['equal', { attr: 'status', eq: 'PROCESSING' }, true],
    ['not equal', { attr: 'status', eq: 'PENDING' }, false],
    ['not equal in type', { attr: 'leaseUntil', eq: '100' }, false],
    ['one of', { attr: 'status', oneOf: ['PENDING', 'PROCESSING'] }, true],
    ['none of', { attr: 'status', oneOf: ['PENDING', 'EXPIRED'] }, false],
    ['one of nothing', { attr: 'status', oneOf: [] }, false],
    ['below', { attr: 'leaseUntil', below: 101 }, true],
    ['equal and so not below', { attr: 'leaseUntil', below: 100 }, false],
    ['above', { attr: 'leaseUntil', below: 99 }, false],
    ['text and so never below', { attr: 'status', below: 1 }, false],
    ['more than the least', { attr: 'leaseUntil', atLeast: 99 }, true],
    ['equal to the least', { attr: 'leaseUntil', atLeast: 100 }, true],
    ['less than the least', { attr: 'leaseUntil', atLeast: 101 }, false],
    ['zero, and at least that', { attr: 'deletedAt', atLeast: 0 }, true],
    ['text and so never at least', { attr: 'sourceEtag', atLeast: 0 }, false],
  ])('sees what is %s', (_, condition, expected) => {
    expect(holds(condition, row)).toBe(expected);
  });

  it('is false of an attribute the row does not have, as in DynamoDB', () => {
    const bare = anAsset();
    expect(holds({ attr: 'leaseUntil', below: Number.MAX_SAFE_INTEGER }, bare)).toBe(false);
    expect(holds({ attr: 'leaseUntil', atLeast: Number.MIN_SAFE_INTEGER }, bare)).toBe(false);
    expect(holds({ attr: 'eventId', eq: '' }, bare)).toBe(false);
    expect(holds({ attr: 'claimId', oneOf: [''] }, bare)).toBe(false);
  });

  it('takes null for a value: it is present', () => {
    expect(holds({ attr: 'size', is: 'present' }, anAsset({ size: null }))).toBe(true);
    expect(holds({ attr: 'size', below: 1 }, anAsset({ size: null }))).toBe(false);
    expect(holds({ attr: 'size', atLeast: 0 }, anAsset({ size: null }))).toBe(false);
  });

  it('joins others by "or", nested as deep as need be', () => {
    const yes: Condition = { attr: 'generation', eq: 1 };
    const no: Condition = { attr: 'generation', eq: 2 };
    expect(holds({ either: [no, yes] }, row)).toBe(true);
    expect(holds({ either: [no, no] }, row)).toBe(false);
    expect(holds({ either: [no, { either: [no, yes] }] }, row)).toBe(true);
    expect(holds({ either: [] }, row)).toBe(false);
  });

  it('compares numbers as numbers do', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (leaseUntil, other) => {
        const claimed = aClaimedAsset({ leaseUntil });
        expect(holds({ attr: 'leaseUntil', below: other }, claimed)).toBe(leaseUntil < other);
        expect(holds({ attr: 'leaseUntil', atLeast: other }, claimed)).toBe(leaseUntil >= other);
        expect(holds({ attr: 'leaseUntil', eq: other }, claimed)).toBe(leaseUntil === other);
      }),
    );
  });

  it('is data: it survives JSON', () => {
    const condition: Condition = { either: [{ attr: 'status', oneOf: ['PENDING'] }] };
    expect(JSON.parse(JSON.stringify(condition))).toEqual(condition);
  });
});
