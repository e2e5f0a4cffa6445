import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const text = readFileSync('docs/faults.md', 'utf8');
const rows = text.split('\n').filter((line) => /^\| [QLPS]\d+ \|/.test(line));
const GROUPS: Readonly<Record<string, number>> = { Q: 28, L: 12, P: 24, S: 22 };

/** Files that a text names. */
const filesIn = (some: string): readonly string[] =>
  some.match(/(?:tests|src|docs)\/[\w./-]+\.(?:ts|md)/g) ?? [];

describe('docs/faults.md', () => {
  it('has every fault once, in order', () => {
    const expected = Object.entries(GROUPS).flatMap(([group, count]) =>
      Array.from({ length: count }, (_, at) => `${group}${at + 1}`),
    );
    expect(rows.map((row) => row.split('|')[1]?.trim())).toEqual(expected);
  });

  it('says of each what happens, and what proves it or why nothing does', () => {
    for (const row of rows) {
      const [, , fault = '', happens = '', proof = ''] = row.split('|').map((cell) => cell.trim());
      for (const cell of [fault, happens, proof]) expect(cell.length, row).toBeGreaterThan(3);
    }
  });

  it('names no file that is not there', () => {
    const named = filesIn(text);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('would notice a file that is gone', () => {
    expect(
      filesIn('see tests/faults/gone.test.ts › x').filter((path) => !existsSync(path)),
    ).toEqual(['tests/faults/gone.test.ts']);
  });
});
