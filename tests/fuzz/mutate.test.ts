import { describe, expect, it } from 'vitest';
import { seededRandom } from '../chaos/random.ts';
import { mediaBytes } from '../support/file-source.ts';
import { mutate } from './mutate.ts';

const file = mediaBytes('faststart.mp4');
const other = mediaBytes('h264.mkv');
const mutated = (seed: number, of = file) => mutate(of, other, seededRandom(seed));
const SEEDS = Array.from({ length: 300 }, (_, n) => n);

describe('mutate', () => {
  it('does the same for the same seed, and leaves the file as it was', () => {
    const before = Buffer.from(file);
    expect(mutated(7)).toStrictEqual(mutated(7));
    expect(before.equals(file)).toBe(true);
  });

  it('knows more than one way, and nearly always changes something', () => {
    const all = SEEDS.map((seed) => mutated(seed));
    expect(new Set(all.flatMap(({ how }) => how.split(' '))).size).toBe(8);
    const same = all.filter(({ bytes }) => Buffer.from(file).equals(bytes));
    expect(same.length).toBeLessThan(SEEDS.length / 50);
    expect(all.some(({ bytes }) => bytes.length > file.length)).toBe(true);
    expect(all.some(({ bytes }) => bytes.length < file.length)).toBe(true);
  });

  it('takes files of no bytes and of one', () => {
    for (const seed of SEEDS) {
      expect(mutated(seed, new Uint8Array()).how).not.toBe('');
      expect(mutated(seed, new Uint8Array([1])).how).not.toBe('');
    }
  });
});
