import { describe, expect, it } from 'vitest';
import {
  ForgeError,
  MEDIA_CODES,
  MESSAGE_CODES,
  REQUEST_CODES,
  SYSTEM_CODES,
  toForgeError,
} from '#domain/errors.ts';

describe('error codes', () => {
  const codes = [...REQUEST_CODES, ...MEDIA_CODES, ...MESSAGE_CODES, ...SYSTEM_CODES];

  it('belong to one table each', () => {
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('are plain words in capitals', () => {
    for (const code of codes) expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
  });
});

describe('ForgeError', () => {
  it('says what, whose fault, and why', () => {
    const cause = new Error('socket hang up');
    const error = new ForgeError('STORE_UNAVAILABLE', 'transient', 'no answer', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'ForgeError',
      code: 'STORE_UNAVAILABLE',
      kind: 'transient',
      message: 'no answer',
      faults: [],
      cause,
    });
  });

  it('has no cause where none is given', () => {
    expect('cause' in new ForgeError('LEASE_LOST', 'conflict', 'gone')).toBe(false);
  });

  it('carries the faults of a request, field by field', () => {
    const faults = [{ pointer: '/size', detail: 'too small' }];
    const error = new ForgeError('SIZE_OUT_OF_RANGE', 'permanent', 'too small', { faults });
    expect(error.faults).toEqual(faults);
  });
});

describe('toForgeError', () => {
  it('leaves what was thrown on purpose as it is', () => {
    const error = new ForgeError('LEASE_LOST', 'conflict', 'gone');
    expect(toForgeError(error)).toBe(error);
  });

  it.each<[string, unknown, string]>([
    ['an error', new TypeError('x is not a function'), 'x is not a function'],
    ['a text', 'broken', 'broken'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', {}, '[object Object]'],
  ])('takes %s for INTERNAL and transient, and keeps it as the cause', (_, thrown, message) => {
    expect(toForgeError(thrown)).toMatchObject({ code: 'INTERNAL', kind: 'transient', message });
    expect(toForgeError(thrown).cause).toBe(thrown);
  });
});
