// What we say of every file of the corpus beside what ffprobe says of it, field by field: both agree, or it is written down
// why not. Broken files are called broken.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CORPUS } from '../../tools/make-corpus.ts';
import { MediaReader } from '../support/media-reader.ts';
import { askFfprobe } from './ask-ffprobe.ts';
import { type Difference, differences } from './fields.ts';
import { KNOWN, type KnownDifference } from './known-differences.ts';

const { directory, missing } = inject('corpus');
const used = new Set<KnownDifference>();

let reader: MediaReader;
beforeAll(async () => {
  reader = await MediaReader.open({ DERIVATIVES: 'none' });
});
afterAll(() => reader.close());

function isKnown(name: string, { field, kind }: Difference): boolean {
  const known = KNOWN.filter(
    (each) => each.kind === kind && each.files.test(name) && each.fields.test(field),
  );
  for (const each of known) used.add(each);
  return known.length > 0;
}

const MADE = CORPUS.filter(({ name }) => !missing.includes(name));

describe('the corpus', { timeout: 120_000 }, () => {
  it('is large enough to mean something', () => {
    expect(MADE.length).toBeGreaterThanOrEqual(60);
  });

  it.each(MADE)('$name', async ({ name, contentType, fails = 'OK' }) => {
    const reading = await reader.read(join(directory, name), contentType);
    expect(reading).toMatchObject({ unclean: [], childrenLeft: 0, filesLeft: [] });
    const { code, result } = reading;
    const all: readonly Difference[] = result
      ? differences(result.metadata, await askFfprobe(name, directory))
      : [];
    const ending: readonly Difference[] =
      code === fails ? [] : [{ field: 'code', ours: code, theirs: fails, kind: 'differs' }];
    expect([...ending, ...all].filter((each) => !isKnown(name, each))).toEqual([]);
  });

  it.skipIf(missing.length > 0)('has every difference that is written down', () => {
    const idle = KNOWN.filter((known) => !used.has(known));
    expect(idle.map(({ files, fields }) => `${files} ${fields}`)).toEqual([]);
  });

  it('tells people of every difference, in docs/metadata-differences.md', () => {
    const text = readFileSync('docs/metadata-differences.md', 'utf8');
    expect(KNOWN.map(({ because }) => because).filter((each) => !text.includes(each))).toEqual([]);
  });
});
