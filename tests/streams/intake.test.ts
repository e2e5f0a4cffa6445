import { describe, expect, it } from 'vitest';
import type { Admits } from '#ports/circuit.ts';
import { admittedBy, intakeLimit } from '#streams/intake.ts';

describe('admittedBy', () => {
  it.each([
    [[], 'all'],
    [['all'], 'all'],
    [['all', 'all'], 'all'],
    [['all', 'one'], 'one'],
    [['one', 'all'], 'one'],
    [['one', 'one'], 'one'],
    [['one', 'none'], 'none'],
    [['none', 'one'], 'none'],
    [['all', 'none'], 'none'],
    [['none', 'none'], 'none'],
  ] satisfies (readonly [Admits[], Admits])[])('%j is %s', (each, together) => {
    expect(admittedBy(each.map((admits) => ({ admits })))).toBe(together);
  });
});

describe('intakeLimit', () => {
  it.each([
    ['all', 80, 80],
    ['all', 0, 0],
    ['one', 80, 1],
    ['one', 1, 1],
    ['one', 0, 0],
    ['none', 80, 0],
  ] as const)('is, where %s is admitted and %i otherwise, %i', (admits, limit, allowed) => {
    expect(intakeLimit(admits, limit)).toBe(allowed);
  });
});
