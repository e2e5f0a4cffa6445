// That the README's table of environment variables is the list the program reads by: `node tools/readme-env.ts` makes it so.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type VariableRow, variableRows } from '#config/env.ts';
import { withVariables } from '../../tools/readme-env.ts';

const README = readFileSync('README.md', 'utf8');
const ROW = /^\| `([A-Z0-9_]+)` \| (.*?) ?\| (.*) \|$/;

/** One line per variable, to be compared and to be read. */
const line = ({ name, fallback, about }: VariableRow): string => `${name} | ${fallback} | ${about}`;

/** The rows between the two marks, their marks of code and escapes taken off where they are only for show. */
function rowsOf(readme: string): string[] {
  const [, block = ''] = /<!-- env -->([\s\S]*?)<!-- \/env -->/.exec(readme) ?? [];
  return block.split('\n').flatMap((text) => {
    const [, name = '', fallback = '', about = ''] = ROW.exec(text) ?? [];
    const plain = { fallback: fallback.replace(/^`(.*)`$/, '$1').trim(), about };
    return name === '' ? [] : [line({ name, ...plain, about: about.replaceAll('\\|', '|') })];
  });
}

/** What has to be done to a README; empty lists where nothing has. */
function difference(readme: string) {
  const [expected, found] = [variableRows().map(line), rowsOf(readme)];
  return {
    missing: expected.filter((row) => !found.includes(row)),
    superfluous: found.filter((row) => !expected.includes(row)),
  };
}

const MARKS = '# X\n\n<!-- env -->\n| stale |\n<!-- /env -->\n\nThe end.\n';

describe('the table of variables in the README', () => {
  it('has every variable with its default and meaning, no other, and in order', () => {
    expect(difference(README)).toEqual({ missing: [], superfluous: [] });
    expect(rowsOf(README)).toEqual(variableRows().map(line));
  });

  it('is what the tool makes of it', () => {
    const written = withVariables(MARKS, variableRows());
    expect(difference(written)).toEqual({ missing: [], superfluous: [] });
    expect(written).toMatch(
      /^# X\n\n<!-- env -->\n\| variable \|[\s\S]*<!-- \/env -->\n\nThe end.\n$/,
    );
    expect(written).not.toContain('stale');
    expect(withVariables(written, variableRows())).toBe(written);
  });

  it('is missed where the README has no place for it', () => {
    expect(() => withVariables('# X\n', variableRows())).toThrow('<!-- env -->');
  });

  it('says so when a variable is missing, changed or gone', () => {
    const written = withVariables(MARKS, variableRows());
    const changed = written.replace('| `3000` |', '| `3001` |').replace('`HOST`', '`HOSTS`');
    const { missing, superfluous } = difference(changed);
    expect(missing.map((row) => row.split(' ')[0])).toEqual(['PORT', 'HOST']);
    expect(superfluous.map((row) => row.split(' ')[0])).toEqual(['PORT', 'HOSTS']);
  });
});
