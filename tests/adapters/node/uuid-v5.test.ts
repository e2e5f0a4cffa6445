import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uuidV5 } from '#adapters/node/uuid-v5.ts';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('uuidV5', () => {
  it('makes the UUID of RFC 9562, A.4', () => {
    expect(uuidV5(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('makes equal ids of equal names only, all of version 5', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(uuidV5(DNS, a)).toMatch(V5);
        expect(uuidV5(DNS, a) === uuidV5(DNS, b)).toBe(a === b);
      }),
    );
  });

  it('depends on the namespace', () => {
    expect(uuidV5(uuidV5(DNS, 'a'), 'name')).not.toBe(uuidV5(DNS, 'name'));
  });
});
