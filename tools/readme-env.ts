/**
 * `node tools/readme-env.ts`: writes the README's table of environment variables anew, from the variables themselves.
 * What stands between the lines `<!-- env -->` and `<!-- /env -->` is replaced.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type VariableRow, variableRows } from '#config/env.ts';

const BLOCK = /^<!-- env -->$[\s\S]*?^<!-- \/env -->$/m;

/** The README with its table of variables as it should be. */
export function withVariables(readme: string, rows: readonly VariableRow[]): string {
  if (!BLOCK.test(readme)) {
    throw new Error('README.md has no lines <!-- env --> and <!-- /env -->');
  }
  const lines = rows.map(
    ({ name, fallback, about }) =>
      `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${about.replaceAll('|', '\\|')} |`,
  );
  const table = ['| variable | default | about |', '| --- | --- | --- |', ...lines].join('\n');
  return readme.replace(BLOCK, () => `<!-- env -->\n${table}\n<!-- /env -->`);
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'README.md');
  const before = readFileSync(path, 'utf8');
  const after = withVariables(before, variableRows());
  if (after !== before) writeFileSync(path, after);
  console.log(
    after === before
      ? 'README.md has the variables as they are.'
      : 'README.md has its table of variables anew.',
  );
}
