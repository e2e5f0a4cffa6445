import { describe, expect, it } from 'vitest';
import { indexUnits, tableUnits, toItem } from '../../bench/cost/write-units.ts';

const due = { name: 'due', keys: ['shard', 'dueAt'], carries: ['pk', 'shard', 'dueAt'] };
const listed = { name: 'listed', keys: ['tenant'], carries: ['pk', 'tenant', 'status'] };
const row = { pk: 'a', shard: '1', tenant: 't', status: 'PENDING', dueAt: 5 };

describe('tableUnits', () => {
  it('are a unit for each begun KB of the larger row', () => {
    const large = { ...row, text: 'x'.repeat(1500) };
    expect([
      tableUnits(undefined, row),
      tableUnits(large, row),
      tableUnits(row, large),
    ]).toStrictEqual([1, 2, 2]);
  });
});

describe('indexUnits', () => {
  const { dueAt: _, ...finished } = row;

  it.each([
    ['one for a row that enters', due, undefined, row, 1],
    ['one for a row that leaves', due, row, finished, 1],
    ['two for a row whose key changes', due, row, { ...row, dueAt: 6 }, 2],
    [
      'one for a row that changes in what the index carries',
      listed,
      row,
      { ...row, status: 'X' },
      1,
    ],
    ['none for a row that changes elsewhere', due, row, { ...row, status: 'X' }, 0],
    ['none for a row that is not in it', due, finished, { ...finished, status: 'X' }, 0],
  ])('are %s', (_name, index, before, after, units) => {
    expect(indexUnits(index, before, after)).toBe(units);
  });
});

describe('toItem', () => {
  it('reads every kind of value that rows have', () => {
    const item = toItem({
      text: { S: 'x' },
      number: { N: '1.5' },
      flag: { BOOL: true },
      nothing: { NULL: true },
      list: { L: [{ N: '1' }, { M: { deep: { S: 'y' } } }] },
    });
    expect(item).toStrictEqual({
      text: 'x',
      number: 1.5,
      flag: true,
      nothing: null,
      list: [1, { deep: 'y' }],
    });
  });
});
