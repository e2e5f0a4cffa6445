/*
 * `node tools/make-corpus.ts DIRECTORY [--jobs N]`: makes the files that `npm run test:media` holds against ffprobe, one or
 * two seconds each, with the ffmpeg on the PATH. What it has no encoder for is left out, and said.
 */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CorpusFile } from './corpus/corpus-file.ts';
import { OTHER_FILES } from './corpus/other-files.ts';
import { run } from './corpus/run.ts';
import { VIDEO_FILES } from './corpus/video-files.ts';

/** Every file there is: containers, codecs, and everything that can be got wrong. */
export const CORPUS: readonly CorpusFile[] = [...VIDEO_FILES, ...OTHER_FILES];

/** What was made, and what could not be. */
export interface MadeCorpus {
  readonly files: readonly CorpusFile[];
  readonly missing: readonly string[];
}

/** Makes every file of the corpus in a directory. Files that are there are left as they are. */
export async function makeCorpus(
  directory: string,
  jobs = availableParallelism(),
): Promise<MadeCorpus> {
  await mkdir(directory, { recursive: true });
  const made = new Map<string, Promise<boolean>>();
  const make = (file: CorpusFile): Promise<boolean> => {
    const making = made.get(file.name) ?? makeOnce(directory, file, make);
    made.set(file.name, making);
    return making;
  };
  const waiting = [...CORPUS];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file; file = waiting.shift()) await make(file);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const has = await Promise.all(CORPUS.map(async (file) => (await made.get(file.name)) ?? false));
  return {
    files: CORPUS.filter((_, n) => has[n]),
    missing: CORPUS.filter((_, n) => !has[n]).map(({ name }) => name),
  };
}

async function makeOnce(
  directory: string,
  file: CorpusFile,
  make: (file: CorpusFile) => Promise<boolean>,
): Promise<boolean> {
  const path = join(directory, file.name);
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > 0) return true;
  for (const name of file.from ?? []) {
    const source = CORPUS.find((each) => each.name === name);
    if (!source || !(await make(source))) return false;
  }
  const { text } = file;
  if (text) await writeFile(join(directory, text.name), text.content);
  try {
    await run(file.args, directory);
    return true;
  } catch (error) {
    await rm(path, { force: true });
    console.error(`${file.name} cannot be made here: ${String(error).slice(0, 300)}`);
    return false;
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { jobs: { type: 'string' } },
    allowPositionals: true,
  });
  const [directory] = positionals;
  if (!directory) throw new Error('say in which directory');
  const { files } = await makeCorpus(directory, Number(values.jobs ?? availableParallelism()));
  console.log(`${files.length} of ${CORPUS.length} files are in ${directory}`);
}

if (import.meta.main) await main();
