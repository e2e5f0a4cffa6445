import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const text = readFileSync('docs/faults.md', 'utf8');
const rows = text.split('\n').filter((line) => /^\| [QLPS]\d+ \|/.test(line));
const GROUPS: Readonly<Record<string, number>> = { Q: 28, L: 12, P: 24, S: 22 };

/** Files that a text names. */
const filesIn = (some: string): readonly string[] =>
  some.match(/(?:tests|src|docs)\/[\w./-]+\.(?:ts|md)/g) ?? [];

interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** The tests that a cell names, as `file › name; › another of the same file`; what is in brackets at the end is no name. */
function testsIn(cell: string): readonly NamedTest[] {
  let file = '';
  const named: NamedTest[] = [];
  for (const [, path, name] of cell.matchAll(/(tests\/[\w./-]+\.ts)|› ([^;›|]+)/g)) {
    if (path) file = path;
    else if (name) named.push({ file, name: name.trim().replace(/ \([^()]*\)$/, '') });
  }
  return named;
}

/** Whether a name, or a case of a table of names, begins like that in the file. */
function isThere({ file, name }: NamedTest): boolean {
  const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}`));
}

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

  it('names no test that is not there', () => {
    const named = rows.flatMap(testsIn);
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((test) => !isThere(test))).toEqual([]);
  });

  it('would notice a test that is gone, or is called something else', () => {
    const cell =
      'see tests/faults-document.test.ts › names no file; › names a file (one); › mes no file';
    expect(testsIn(cell).map(isThere)).toEqual([true, false, false]);
    expect(testsIn('tests/gone.test.ts › is here').map(isThere)).toEqual([false]);
  });

  it('would notice a file that is gone', () => {
    expect(
      filesIn('see tests/faults/gone.test.ts › x').filter((path) => !existsSync(path)),
    ).toEqual(['tests/faults/gone.test.ts']);
  });
});
