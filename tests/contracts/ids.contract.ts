import { beforeEach, describe, expect, it } from 'vitest';
import { isAssetId } from '#domain/keys.ts';
import type { Ids } from '#ports/ids.ts';

/** Enough of them for a byte of zeros to be drawn. */
const MANY = 2000;

/** Proves the prose of the `Ids` port on whatever `open` opens: a new one every time. */
export function idsContract(name: string, open: () => Ids): void {
  describe(`${name} keeps the Ids contract`, () => {
    let ids: Ids;
    beforeEach(() => {
      ids = open();
    });
    const many = <T>(draw: () => T): T[] => Array.from({ length: MANY }, draw);

    it('makes lower-case UUIDv7s that sort by time of birth and never repeat', () => {
      const made = many(() => ids.uuid());
      const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
      expect(made.filter((id) => !uuid7.test(id) || !isAssetId(id))).toEqual([]);
      expect(made.toSorted()).toEqual(made);
      expect(new Set(made).size).toBe(MANY);
    });

    it('makes the same id of a name for ever, in the namespace: stored ids depend on it', () => {
      const name = 'acme/018f0000-0000-7000-8000-00000000000a/1/COMPLETED';
      expect(ids.uuidOf(name)).toBe('c8cad914-b28b-5adc-8444-55e82bcfad07');
      expect(open().uuidOf(name)).toBe(ids.uuidOf(name));
    });

    it('tells names apart, whatever they look like', () => {
      const names = ['', 'a', 'A', 'ä', 'a\u0308', 'a/b', 'a/b/', '🏖', 'x'.repeat(10_000)];
      expect(new Set(names.map((each) => ids.uuidOf(each))).size).toBe(names.length);
    });

    it.each([1, 8, 16])('draws %i bytes of lower-case hexadecimal, never all zeros', (bytes) => {
      const drawn = new RegExp(`^(?!0+$)[0-9a-f]{${bytes * 2}}$`);
      expect(many(() => ids.hex(bytes)).filter((each) => !drawn.test(each))).toEqual([]);
    });

    it('draws numbers from 0 to 1, 1 excluded', () => {
      expect(many(() => ids.random()).filter((each) => !(each >= 0 && each < 1))).toEqual([]);
    });
  });
}
